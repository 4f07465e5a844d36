#include "model/runtime_date.h"

#include "base/strings.h"
#include "base/time_format.h"

namespace kiln::model {
namespace {

constexpr TimeMs kDayMs = 86'400'000;

Result<TimeMs> day_of(std::string_view date) {
  if (date.size() != 10) return fail(Errc::invalid, "no day");
  return parse_rfc3339(std::string(date) + "T00:00:00Z");
}

}  // namespace

std::string runtime_date(std::string_view version_line) {
  constexpr std::string_view kName = "workerd ";
  version_line = trim(version_line);
  if (!version_line.starts_with(kName)) return {};
  const std::string_view date = version_line.substr(kName.size());
  return day_of(date) ? std::string(date) : std::string();
}

std::string days_after(std::string_view date, int days) {
  const Result<TimeMs> day = day_of(date);
  return day ? format_rfc3339(*day + days * kDayMs).substr(0, 10) : std::string(date);
}

int days_since(std::string_view date, TimeMs now) {
  const Result<TimeMs> day = day_of(date);
  return !day || *day > now ? 0 : static_cast<int>((now - *day) / kDayMs);
}

}  // namespace kiln::model
