// Build minutes: how long runners held an account's builds within a month of UTC, and how much of that the
// account may use. Values and pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace kiln::model {

inline constexpr std::int64_t kMostBuildMinutes = 1'000'000'000;

// The month of UTC that a moment is in, from `begin` to before `end`.
struct Month {
  TimeMs begin = 0;
  TimeMs end = 0;
};
[[nodiscard]] Month month_of(TimeMs time);

struct BuildMinutes {
  std::optional<std::int64_t> quota;  // minutes a month; nothing: any number
  TimeMs used_ms = 0;                 // by builds that stopped this month, and by those that runners hold now
  Month month;

  // Whether no further build may start before the month ends.
  [[nodiscard]] bool is_reached() const { return quota && used_ms >= *quota * 60'000; }
  // Whole minutes, the one that has begun included.
  [[nodiscard]] std::int64_t used() const { return (used_ms + 59'999) / 60'000; }
};

// Why an account that has reached its quota builds nothing, until when, and what lifts it: for the build's
// log and for whoever asked.
[[nodiscard]] std::string words_for_reached(const BuildMinutes& minutes);

}  // namespace kiln::model
