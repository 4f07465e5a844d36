#include "runner/steps/uploads.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "runner/steps/environment.h"
#include "wire/runner_protocol.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kMostUploadText = 1U << 20U;

std::optional<Uuid> version_in(std::string_view line) {
  boost::json::parse_options options;
  options.max_depth = 16;
  boost::system::error_code error;
  const boost::json::value entry = boost::json::parse(line, error, {}, options);
  if (error || !entry.is_object()) return std::nullopt;
  const boost::json::value* type = entry.get_object().if_contains("type");
  const boost::json::value* version = entry.get_object().if_contains("version_id");
  if (type == nullptr || !type->is_string() || version == nullptr || !version->is_string())
    return std::nullopt;
  const std::string_view word = type->get_string();
  if (word != "deploy" && word != "version-upload") return std::nullopt;
  return Uuid::parse(version->get_string());
}

}  // namespace

std::vector<Uuid> versions_named_in(std::string_view ndjson) {
  std::vector<Uuid> versions;
  while (!ndjson.empty() && versions.size() < wire::kMostClaims) {
    const std::size_t end = std::min(ndjson.find('\n'), ndjson.size());
    const std::optional<Uuid> version = version_in(ndjson.substr(0, end));
    if (version && std::find(versions.begin(), versions.end(), *version) == versions.end()) {
      versions.push_back(*version);
    }
    ndjson.remove_prefix(std::min(end + 1, ndjson.size()));
  }
  return versions;
}

std::vector<Uuid> claimed_versions(Attempt& attempt) {
  Command command;
  command.argv = {"/usr/bin/head", "-c", "1048576", "--", kOutputFile};
  command.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
  command.directory = kHome;
  std::string text;
  const Result<CommandEnd> end = attempt.sandbox->run(command, [&text](std::string_view bytes) {
    if (text.size() < kMostUploadText) text += bytes;
  });
  if (!end || end->exit_code != 0) return {};
  return versions_named_in(text);
}

}  // namespace kiln::runner
