#include "runner/tools/lock_versions.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "base/strings.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kHead = 400;
constexpr std::size_t kFirstDocument = 64U << 10U;

// The whole number behind `name` ("lockfileVersion:") in `text`, quoted or not.
std::optional<int> number_behind(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == text.npos) return std::nullopt;
  const std::size_t digit = text.find_first_not_of(" '\":", at + name.size());
  if (digit == text.npos) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data() + digit, text.data() + text.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

Wish for_yarn(std::string_view lock) {
  if (lock.find("# yarn lockfile v1") != lock.npos) return {"1", "yarn.lock", false};
  const std::size_t metadata = lock.find("__metadata:");
  const std::optional<int> version =
      metadata == lock.npos ? std::nullopt : number_behind(lock.substr(metadata, kHead), "version");
  if (version && *version <= 4) return {"2", "yarn.lock", false};
  if (version && *version <= 6) return {"3", "yarn.lock", false};
  if (version && *version > 8) return {">" + std::string(kDefaultYarn), "yarn.lock", false};
  return {kDefaultYarn, kByDefault, false};
}

// Newer versions put what they need themselves into a document of its own before the project's.
Wish for_pnpm(std::string_view lock) {
  if (lock.starts_with("---")) {
    const std::string_view first = lock.substr(0, std::min(lock.find("\n---", 3), kFirstDocument));
    const std::size_t own = first.find("packageManagerDependencies:");
    std::size_t pnpm = own == first.npos ? own : first.find("\n      pnpm:", own);
    if (pnpm != first.npos) pnpm = first.find("version:", first.find('\n', pnpm + 1));
    if (pnpm != first.npos) {
      const std::string_view line = trim(first.substr(pnpm + 8, first.find('\n', pnpm) - pnpm - 8));
      const std::string version(trim(line.substr(0, line.find_first_of("(+-"))));
      const std::string bare =
          version.starts_with('\'') ? version.substr(1, version.find('\'', 1) - 1) : version;
      if (!bare.empty() && bare.find_first_not_of("0123456789.") == bare.npos)
        return {bare, "pnpm-lock.yaml", false};
    }
    if (lock.find("\n---", 3) != lock.npos) return {">=11", "pnpm-lock.yaml", false};
  }
  const std::optional<int> version = number_behind(lock.substr(0, kHead), "lockfileVersion:");
  if (version && *version <= 5) return {"7", "pnpm-lock.yaml", false};
  if (version && *version <= 8) return {"8", "pnpm-lock.yaml", false};
  if (version && *version > 9) return {">=11", "pnpm-lock.yaml", false};
  return {kDefaultPnpm, kByDefault, false};
}

Wish for_bun(std::string_view lock) {
  const std::optional<int> version = number_behind(lock.substr(0, kHead), "\"lockfileVersion\"");
  if (version && *version >= 2) return {">=1.4", "bun.lock", false};
  return {kDefaultBun, kByDefault, false};
}

}  // namespace

Wish version_for_lock(PackageManager manager, const std::map<std::string, std::string>& contents) {
  const auto text = [&contents](const char* file) {
    const auto found = contents.find(file);
    return found == contents.end() ? std::string_view() : std::string_view(found->second);
  };
  switch (manager) {
    case PackageManager::npm:
      return {};
    case PackageManager::yarn:
      return for_yarn(text("yarn.lock"));
    case PackageManager::pnpm:
      return for_pnpm(text("pnpm-lock.yaml"));
    case PackageManager::bun:
      return for_bun(text("bun.lock"));
  }
  return {};
}

}  // namespace kiln::runner
