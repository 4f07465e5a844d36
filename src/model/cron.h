// A cron expression as the hosted platform reads it: minute, hour, day of the month, month, day of the week
// (1 is Sunday, 7 Saturday), in UTC. Each is `*`, a number or a name (JAN, SUN), a range (also over the end:
// FRI-MON), either with a step (`*/5`, `10-50/20`, `7/2`), or a list of those. A day of the month may be `L`
// (the last), `L-3`, `15W` (the weekday nearest to it, within the month), `LW`; a day of the week `L`
// (Saturday), `6L` (the last Friday), `FRI#2` (the second). Where both days are restricted, either is enough.
// Value and pure functions: any thread.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::model {

class Cron {
 public:
  // Errors: Errc::invalid, saying which field is wrong and why; also of an expression that names no day that
  // there is (30 February).
  [[nodiscard]] static Result<Cron> parse(std::string_view text);

  // The first minute after `time` that it names.
  [[nodiscard]] TimeMs next_after(TimeMs time) const;

 private:
  enum class MonthDay : std::uint8_t { any, listed, from_last, nearest_weekday, last_weekday };
  enum class WeekDay : std::uint8_t { any, listed, last_of_month, nth_of_month };
  friend class CronReader;

  [[nodiscard]] bool has_day(int year, unsigned month, unsigned day, unsigned weekday) const;
  [[nodiscard]] bool has_month_day(unsigned day, unsigned last, unsigned weekday) const;
  [[nodiscard]] bool has_week_day(unsigned day, unsigned last, unsigned weekday) const;
  // Nothing within the longest time that there may be between two.
  [[nodiscard]] std::optional<TimeMs> find_after(TimeMs time) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<13> months_;      // 1 to 12
  std::bitset<32> month_days_;  // 1 to 31
  std::bitset<8> week_days_;    // 1 to 7
  MonthDay month_day_ = MonthDay::any;
  WeekDay week_day_ = WeekDay::any;
  unsigned day_ = 0;  // of from_last (how many before it) and nearest_weekday
  unsigned nth_ = 0;
};

}  // namespace kiln::model
