#include "cli/duration.h"

#include <charconv>
#include <map>

namespace kiln::cli {

std::optional<TimeMs> parse_duration(std::string_view text, std::string_view units) {
  constexpr TimeMs minute = 60'000;
  const std::map<char, TimeMs> lengths = {
      {'s', 1'000}, {'m', minute}, {'h', 60 * minute}, {'d', TimeMs{24} * 60 * minute}};
  if (text.empty() || units.find(text.back()) == units.npos) return std::nullopt;
  const auto unit = lengths.find(text.back());
  if (unit == lengths.end()) return std::nullopt;
  TimeMs count = 0;
  const char* last = text.data() + text.size() - 1;
  const auto [end, error] = std::from_chars(text.data(), last, count);
  if (error != std::errc() || end != last || count < 1 || count > 1'000'000) return std::nullopt;
  return count * unit->second;
}

}  // namespace kiln::cli
