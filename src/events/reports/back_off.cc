#include "events/reports/back_off.h"

#include <algorithm>
#include <charconv>

namespace kiln::events {
namespace {

constexpr TimeMs kFirstWaitMs = 1'000;
constexpr TimeMs kLongestWaitMs = TimeMs{5} * 60'000;
constexpr TimeMs kFirstLimitWaitMs = 60'000;
constexpr TimeMs kLongestLimitWaitMs = TimeMs{60} * 60'000;
constexpr int kMostDoublings = 9;
constexpr int kMostTriesOfRefused = 5;

// Doubles, and up to half of it more by chance.
TimeMs doubled(int times, double share, TimeMs first = kFirstWaitMs, TimeMs longest = kLongestWaitMs) {
  const TimeMs wait = std::min(first << std::clamp(times, 0, kMostDoublings), longest);
  return wait + static_cast<TimeMs>(static_cast<double>(wait) * 0.5 * share);
}

TimeMs wait_of_limit(const Error& error, int limits, double share) {
  std::int64_t seconds = 0;
  const auto read = std::from_chars(error.field.data(), error.field.data() + error.field.size(), seconds);
  if (read.ec != std::errc()) return doubled(limits, share, kFirstLimitWaitMs, kLongestLimitWaitMs);
  return std::max<TimeMs>(seconds, 1) * 1'000;
}

}  // namespace

NextTry next_try(const Error& error, const Failures& failures, double share) {
  switch (error.code) {
    case Errc::unavailable:
    case Errc::timeout:
      return {NextTry::Whose::host, doubled(failures.attempts, share)};
    case Errc::rate_limited:
      return {NextTry::Whose::limited, wait_of_limit(error, failures.limits, share)};
    case Errc::conflict:
    case Errc::not_found:
    case Errc::unauthenticated:
      if (failures.refusals + 1 >= kMostTriesOfRefused) return {NextTry::Whose::nobody, 0};
      return {NextTry::Whose::refused, doubled(failures.refusals, share)};
    case Errc::io:
    case Errc::disk_full:
    case Errc::internal:
    case Errc::corrupt:
      return {NextTry::Whose::report, doubled(failures.attempts, share)};
    default:
      return {NextTry::Whose::nobody, 0};
  }
}

}  // namespace kiln::events
