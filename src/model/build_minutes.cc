#include "model/build_minutes.h"

#include <fmt/format.h>

#include <ctime>

#include "base/time_format.h"

namespace kiln::model {
namespace {

TimeMs first_of(int year, int month) {
  std::tm tm{};
  tm.tm_year = year;
  tm.tm_mon = month;
  tm.tm_mday = 1;
  return static_cast<TimeMs>(timegm(&tm)) * 1000;
}

}  // namespace

Month month_of(TimeMs time) {
  const std::time_t seconds = time / 1000;
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  return {first_of(tm.tm_year, tm.tm_mon),
          first_of(tm.tm_year, tm.tm_mon + 1)};  // timegm carries a 13th month
}

std::string words_for_reached(const BuildMinutes& minutes) {
  return fmt::format(
      "the account has used {} of its {} build minutes of this month; what is pushed from {} (UTC) on, or "
      "once "
      "an administrator raises the limit (kiln account limit), is built again, and this by a retry",
      minutes.used(), minutes.quota.value_or(0), format_rfc3339(minutes.month.end).substr(0, 10));
}

}  // namespace kiln::model
