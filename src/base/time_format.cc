#include "base/time_format.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>

namespace kiln {
namespace {

// Reads exactly `width` digits at `pos` and moves past them.
bool read_digits(std::string_view text, std::size_t& pos, std::size_t width, int& value) {
  if (pos + width > text.size()) return false;
  const char* begin = text.data() + pos;
  const auto [end, error] = std::from_chars(begin, begin + width, value);
  pos += width;
  return error == std::errc() && end == begin + width && *begin != '-';
}

bool read_char(std::string_view text, std::size_t& pos, char expected) {
  return pos < text.size() && text[pos++] == expected;
}

// By hand: an answer of the API holds a hundred times.
void put_digits(std::string& out, std::size_t at, std::size_t width, unsigned value) {
  for (std::size_t i = width; i-- > 0; value /= 10) out[at + i] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string format_rfc3339(TimeMs time) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(time)};
  const auto midnight = floor<std::chrono::days>(at);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss clock(at - midnight);
  std::string out = "0000-00-00T00:00:00.000Z";
  put_digits(out, 0, 4, static_cast<unsigned>(static_cast<int>(day.year())));
  put_digits(out, 5, 2, static_cast<unsigned>(day.month()));
  put_digits(out, 8, 2, static_cast<unsigned>(day.day()));
  put_digits(out, 11, 2, static_cast<unsigned>(clock.hours().count()));
  put_digits(out, 14, 2, static_cast<unsigned>(clock.minutes().count()));
  put_digits(out, 17, 2, static_cast<unsigned>(clock.seconds().count()));
  put_digits(out, 20, 3, static_cast<unsigned>(clock.subseconds().count()));
  return out;
}

Result<TimeMs> parse_rfc3339(std::string_view text) {
  std::tm tm{};
  std::size_t pos = 0;
  int year = 0;
  int month = 0;
  const bool head = read_digits(text, pos, 4, year) && read_char(text, pos, '-') &&
                    read_digits(text, pos, 2, month) && read_char(text, pos, '-') &&
                    read_digits(text, pos, 2, tm.tm_mday) && read_char(text, pos, 'T') &&
                    read_digits(text, pos, 2, tm.tm_hour) && read_char(text, pos, ':') &&
                    read_digits(text, pos, 2, tm.tm_min) && read_char(text, pos, ':') &&
                    read_digits(text, pos, 2, tm.tm_sec);
  int millis = 0;
  bool tail = head && pos < text.size();
  if (tail && text[pos] == '.') {
    ++pos;
    tail = read_digits(text, pos, 3, millis);
  }
  tail = tail && pos + 1 == text.size() && text[pos] == 'Z';
  if (!tail || month < 1 || month > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
      tm.tm_min > 59 || tm.tm_sec > 60) {
    return fail(Errc::invalid,
                fmt::format("'{}' is not an RFC 3339 UTC time such as 2019-12-27T18:11:19.117Z", text));
  }
  tm.tm_year = year - 1900;
  tm.tm_mon = month - 1;
  return static_cast<TimeMs>(timegm(&tm)) * 1000 + millis;
}

}  // namespace kiln
