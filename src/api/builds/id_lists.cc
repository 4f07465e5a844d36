#include "api/builds/id_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/strings.h"

namespace kiln::api::builds {
namespace {

constexpr std::size_t kShownOfABadId = 80;

// Which of 64 groups an id is in, by a byte near its end: those are random in both kinds of ids.
std::uint64_t group_of(const Uuid& id) {
  return std::uint64_t{1} << (id.bytes.back() % 64U);
}
std::uint64_t group_of(const std::string& tag) {
  return std::uint64_t{1} << (static_cast<unsigned char>(tag.back()) % 64U);
}

// Splits, trims, drops empty parts and hands each to `parse`, which answers nothing for a bad one. A good one
// has `size` characters.
template <typename Id, typename Parse>
Result<std::vector<Id>> parse_list(std::string_view text, const std::string& name, std::string_view kind,
                                   std::size_t size, Parse parse) {
  std::vector<Id> ids;
  ids.reserve(kMostIds);
  std::uint64_t groups = 0;  // of the ids so far: most need not be compared with each other
  while (!text.empty()) {
    // Nearly always an id is followed by a comma at once; a search for it costs as much as the id.
    auto id = text.size() > size && text[size] == ',' ? parse(text.substr(0, size)) : std::nullopt;
    if (id) {
      text.remove_prefix(size + 1);
    } else {
      const std::size_t end = std::min(text.find(','), text.size());
      const std::string_view word = trim(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (word.empty()) continue;
      id = parse(word);
      if (!id) {
        return fail(Errc::invalid,
                    fmt::format("Invalid request: {}: '{}' is not {}", name,
                                to_valid_utf8(word.substr(0, kShownOfABadId)), kind),
                    name);
      }
    }
    const std::uint64_t group = group_of(*id);
    const bool known = (groups & group) != 0 && std::find(ids.begin(), ids.end(), *id) != ids.end();
    if (!known) ids.push_back(*id);
    groups |= group;
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
  return parse_list<Uuid>(text, "version_ids", "a version UUID", 36,
                          [](std::string_view word) { return Uuid::parse(word); });
}

Result<std::vector<std::string>> parse_worker_tags(std::string_view text) {
  return parse_list<std::string>(text, "external_script_ids", "a Worker tag (32 hex digits)", 32,
                                 [](std::string_view word) -> std::optional<std::string> {
                                   const std::string tag = to_lower(word);
                                   if (!is_hex32(tag)) return std::nullopt;
                                   return tag;
                                 });
}

}  // namespace kiln::api::builds
