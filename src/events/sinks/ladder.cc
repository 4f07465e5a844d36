#include "events/sinks/ladder.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/http_date.h"

namespace kiln::events {
namespace {

constexpr TimeMs kMinuteMs = 60'000;
constexpr TimeMs kHourMs = 60 * kMinuteMs;
constexpr TimeMs kLongestAskedWaitMs = 24 * kHourMs;
constexpr int kGone = 410;
constexpr std::array<TimeMs, 8> kLadder = {5'000,       5 * kMinuteMs, 30 * kMinuteMs, 2 * kHourMs,
                                           5 * kHourMs, 10 * kHourMs,  14 * kHourMs,   20 * kHourMs};

}  // namespace

AfterTry after_try(int attempts, int status, std::optional<TimeMs> asked_wait_ms) {
  if (status >= 200 && status < 300) return {AfterTry::Is::delivered, 0};
  if (status == kGone) return {AfterTry::Is::sink_off, 0};
  const auto step = static_cast<std::size_t>(std::max(attempts, 0));
  if (step >= kLadder.size()) return {AfterTry::Is::parked, 0};
  return {AfterTry::Is::again, std::max(kLadder[step], asked_wait_ms.value_or(0))};
}

std::optional<TimeMs> retry_after_ms(std::string_view header, TimeMs now) {
  if (header.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (error == std::errc() && end == header.data() + header.size())
    return std::clamp<TimeMs>(seconds, 0, kLongestAskedWaitMs / 1'000) * 1'000;
  const std::optional<TimeMs> date = parse_http_date(header);
  if (!date) return std::nullopt;
  return std::clamp<TimeMs>(*date - now, 0, kLongestAskedWaitMs);
}

}  // namespace kiln::events
