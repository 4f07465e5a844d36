// wrangler's configuration and package.json out of a stranger's repository. Every name that is read must be
// text that JSON can carry.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/strings.h"
#include "project/autofill.h"
#include "project/wrangler_config.h"

namespace {

void is_text(const std::string& text) {
  if (kiln::to_valid_utf8(text) != text) std::abort();
}

void check(const std::string& file, const std::string& text) {
  const kiln::Result<kiln::project::WranglerConfig> config = kiln::project::parse_wrangler_config(file, text);
  if (!config) {
    is_text(config.error().message);
    return;
  }
  if (config->name) is_text(*config->name);
  for (const auto& [env, name] : config->env_names) {
    is_text(env);
    is_text(name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const char* file : {"wrangler.jsonc", "wrangler.toml"}) check(file, text);
  const kiln::project::Autofill found =
      kiln::project::autofill("", {{"package.json", size}, {"yarn.lock", 0}}, {{"package.json", text}});
  if (!found.package_manager) std::abort();
  for (const std::string& words : found.unread) is_text(words);
  if (!found.scripts) return 0;
  for (const auto& [name, command] : *found.scripts) is_text(name + command);
  return 0;
}
