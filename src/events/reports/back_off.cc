#include "events/reports/back_off.h"

#include <algorithm>
#include <charconv>

namespace kiln::events {
namespace {

constexpr TimeMs kFirstWaitMs = 1'000;
constexpr TimeMs kLongestWaitMs = TimeMs{5} * 60'000;
constexpr int kMostDoublings = 9;
constexpr int kMostTriesOfRefused = 5;
constexpr TimeMs kForbiddenWaitMs = 60'000;

// Doubles, and up to half of it more by chance.
TimeMs doubled(int attempts, double share) {
  const TimeMs wait =
      std::min(kFirstWaitMs << std::min(std::max(attempts, 0), kMostDoublings), kLongestWaitMs);
  return wait + static_cast<TimeMs>(static_cast<double>(wait) * 0.5 * share);
}

TimeMs named_wait(const Error& error) {
  std::int64_t seconds = 60;
  const auto read = std::from_chars(error.field.data(), error.field.data() + error.field.size(), seconds);
  if (read.ec != std::errc()) seconds = 60;
  return std::max<TimeMs>(seconds, 1) * 1'000;
}

}  // namespace

NextTry next_try(const Error& error, const Failures& failures, double share) {
  switch (error.code) {
    case Errc::unavailable:
    case Errc::timeout:
      return {NextTry::Whose::host, doubled(failures.attempts, share)};
    case Errc::rate_limited:
      return {NextTry::Whose::host, named_wait(error)};
    case Errc::forbidden:
      // A limit that does not say so looks the same as a right that is missing; it is over in minutes.
      if (failures.refusals + 1 >= kMostTriesOfRefused) return {NextTry::Whose::nobody, 0};
      return {NextTry::Whose::refused, kForbiddenWaitMs + doubled(failures.refusals, share)};
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
