#include "runner/cache/archive_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/hash.h"
#include "base/strings.h"

namespace kiln::runner {
namespace {

constexpr std::string_view kSuffix = ".tar.zst";

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

std::string file_name_of(const ArchiveName& name) {
  return fmt::format("{}~{}~{}{}", name.kind, name.generation, name.content, kSuffix);
}

std::optional<ArchiveName> parse_file_name(std::string_view text) {
  if (!text.ends_with(kSuffix)) return std::nullopt;
  const std::vector<std::string> parts = split(text.substr(0, text.size() - kSuffix.size()), '~');
  if (parts.size() != 3) return std::nullopt;
  const std::optional<int> generation = number_of<int>(parts[1]);
  if (!generation || parts[0].empty()) return std::nullopt;
  return ArchiveName{parts[0], parts[2], *generation};
}

std::string folder_name_of(const CachePlace& place) {
  return fmt::format("{}-{}", place.trigger.str(), place.epoch);
}

std::optional<std::pair<Uuid, std::int64_t>> parse_folder_name(std::string_view text) {
  const std::size_t dash = text.rfind('-');
  if (dash == text.npos) return std::nullopt;
  const std::optional<Uuid> trigger = Uuid::parse(text.substr(0, dash));
  const std::optional<std::int64_t> epoch = number_of<std::int64_t>(text.substr(dash + 1));
  if (!trigger || !epoch) return std::nullopt;
  return std::pair(*trigger, *epoch);
}

std::filesystem::path worker_folder_of(const CachePlace& place) {
  return is_plain(place.worker_tag) ? place.worker_tag : sha256_hex(place.worker_tag);
}

}  // namespace kiln::runner
