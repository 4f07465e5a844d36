#include "base/http_date.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <ctime>
#include <string>

namespace kiln {
namespace {

std::string date_with(TimeMs time, std::string_view zone) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = time / 1'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} {}", days.at(static_cast<std::size_t>(utc.tm_wday)),
                     utc.tm_mday, months.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, zone);
}

}  // namespace

std::optional<TimeMs> parse_http_date(std::string_view text) {
  const std::time_t seconds = curl_getdate(std::string(text).c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return TimeMs{seconds} * 1'000;
}

std::string format_http_date(TimeMs time) {
  return date_with(time, "GMT");
}

std::string format_mail_date(TimeMs time) {
  return date_with(time, "+0000");
}

}  // namespace kiln
