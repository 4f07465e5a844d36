#include "base/duration_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace kiln {
namespace {

constexpr TimeMs kSecond = 1'000;
constexpr TimeMs kMinute = 60 * kSecond;
constexpr TimeMs kHour = 60 * kMinute;
constexpr TimeMs kDay = 24 * kHour;

// Rounded to the smaller unit, which is left out when it is none.
std::string in_two(TimeMs time, TimeMs large, std::string_view large_unit, TimeMs small,
                   std::string_view small_unit) {
  const TimeMs rounded = (time + small / 2) / small;
  const TimeMs whole = rounded / (large / small);
  const TimeMs rest = rounded % (large / small);
  if (rest == 0) return fmt::format("{} {}", whole, large_unit);
  return fmt::format("{} {} {} {}", whole, large_unit, rest, small_unit);
}

}  // namespace

std::string duration_words(TimeMs milliseconds) {
  const TimeMs time = std::max<TimeMs>(milliseconds, 0);
  if (time < kSecond / 10) return fmt::format("{} ms", time);
  if (time < 10 * kSecond) return fmt::format("{:.1f} s", static_cast<double>(time) / kSecond);
  if (time < kMinute) return fmt::format("{} s", (time + kSecond / 2) / kSecond);
  if (time < kHour) return in_two(time, kMinute, "min", kSecond, "s");
  if (time < kDay) return in_two(time, kHour, "h", kMinute, "min");
  return in_two(time, kDay, "d", kHour, "h");
}

}  // namespace kiln
