#include "runner/steps/uploads.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/strings.h"
#include "runner/steps/environment.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kMostBytes = 1U << 20U;

bool is_upload(std::string_view line) {
  boost::json::parse_options options;
  options.max_depth = 16;
  boost::system::error_code error;
  const boost::json::value entry = boost::json::parse(line, error, {}, options);
  if (error || !entry.is_object()) return false;
  const boost::json::value* type = entry.get_object().if_contains("type");
  const boost::json::value* version = entry.get_object().if_contains("version_id");
  if (type == nullptr || !type->is_string() || version == nullptr || !version->is_string()) return false;
  const std::string_view word = type->get_string();
  return (word == "deploy" || word == "version-upload") && !version->get_string().empty();
}

}  // namespace

bool names_a_version(std::string_view ndjson) {
  while (!ndjson.empty()) {
    const std::size_t end = std::min(ndjson.find('\n'), ndjson.size());
    if (is_upload(ndjson.substr(0, end))) return true;
    ndjson.remove_prefix(std::min(end + 1, ndjson.size()));
  }
  return false;
}

bool uploaded_something(Attempt& attempt) {
  Command command;
  command.argv = {"/usr/bin/head", "-c", "1048576", "--", kOutputFile};
  command.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
  command.directory = kHome;
  std::string text;
  const Result<CommandEnd> end = attempt.sandbox->run(command, [&text](std::string_view bytes) {
    if (text.size() < kMostBytes) text += bytes;
  });
  return end && names_a_version(text);
}

}  // namespace kiln::runner
