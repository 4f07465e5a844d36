#include "api/builds/id_lists.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace kiln::api::builds {
namespace {

constexpr std::size_t kShownOfABadId = 80;

// Splits, trims, drops empty parts and hands each to `parse`, which answers nothing for a bad one.
template <typename Id, typename Parse>
Result<std::vector<Id>> parse_list(std::string_view text, const std::string& name, std::string_view kind,
                                   Parse parse) {
  std::vector<Id> ids;
  ids.reserve(std::min<std::size_t>(1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')),
                                    kMostIds));
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view word = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const auto id = parse(word);
    if (!id) {
      return fail(Errc::invalid,
                  fmt::format("Invalid request: {}: '{}' is not {}", name,
                              to_valid_utf8(word.substr(0, kShownOfABadId)), kind),
                  name);
    }
    if (std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
  }
  if (ids.empty()) {
    return fail(
        Errc::invalid,
        fmt::format("Invalid request: {} is required: 1 to {} of them, separated by commas", name, kMostIds),
        name);
  }
  if (ids.size() > kMostIds) {
    return fail(Errc::invalid,
                fmt::format("Invalid request: {} has {} ids; {} is the most", name, ids.size(), kMostIds),
                name);
  }
  return ids;
}

}  // namespace

Result<std::vector<Uuid>> parse_version_ids(std::string_view text) {
  return parse_list<Uuid>(text, "version_ids", "a version UUID",
                          [](std::string_view word) { return Uuid::parse(word); });
}

Result<std::vector<std::string>> parse_worker_tags(std::string_view text) {
  return parse_list<std::string>(text, "external_script_ids", "a Worker tag (32 hex digits)",
                                 [](std::string_view word) -> std::optional<std::string> {
                                   const std::string tag = to_lower(word);
                                   if (!is_hex32(tag)) return std::nullopt;
                                   return tag;
                                 });
}

}  // namespace kiln::api::builds
