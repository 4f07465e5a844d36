#include "model/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <vector>

namespace kiln::model {
namespace {

constexpr TimeMs kMinuteMs = 60'000;
constexpr TimeMs kDayMinutes = 1440;
constexpr TimeMs kDayMs = kDayMinutes * kMinuteMs;
// 29 February on one day of the week comes within 40 years, over a 2100 that has none.
constexpr int kMostDays = 41 * 366;
constexpr unsigned kSaturday = 7;
constexpr unsigned kSunday = 1;

struct CronField {
  const char* name;
  unsigned least;
  unsigned most;
};
constexpr CronField kMinute{"minute", 0, 59};
constexpr CronField kHour{"hour", 0, 23};
constexpr CronField kMonthDay{"day of the month", 1, 31};
constexpr CronField kMonth{"month", 1, 12};
constexpr CronField kWeekDay{"day of the week", 1, 7};

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekDays{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

bool same_word(std::string_view text, std::string_view word) {
  return text.size() == word.size() &&
         std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) { return upper(a) == b; });
}

template <std::size_t N>
std::optional<unsigned> named(std::string_view text, const std::array<std::string_view, N>& names) {
  for (unsigned i = 0; i < N; ++i) {
    if (same_word(text, names[i])) return i + 1;
  }
  return std::nullopt;
}

std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  if (text.empty() || text.size() > 4) return std::nullopt;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || at != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<unsigned> value_of(const CronField& field, std::string_view text) {
  std::optional<unsigned> value = digits(text);
  if (!value && &field == &kMonth) value = named(text, kMonths);
  if (!value && &field == &kWeekDay) value = named(text, kWeekDays);
  if (!value || *value < field.least || *value > field.most) return std::nullopt;
  return value;
}

tl::unexpected<Error> wrong(const CronField& field, std::string_view text) {
  return fail(Errc::invalid, fmt::format("\"{}\" is no {}: it may be *, {} to {}{}, a range, a list, or one "
                                         "with a step such as */5",
                                         text, field.name, field.least, field.most,
                                         &field == &kMonth     ? " or JAN to DEC"
                                         : &field == &kWeekDay ? " (1 is Sunday) or SUN to SAT"
                                                               : ""));
}

// One item of a list: `*`, `3`, `3-7`, each perhaps with `/2`.
template <std::size_t N>
bool add_item(const CronField& field, std::string_view text, std::bitset<N>& into) {
  std::optional<unsigned> step = 1;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    step = digits(text.substr(slash + 1));
    text = text.substr(0, slash);
    if (!step || *step == 0 || *step > field.most) return false;
  }
  unsigned first = field.least;
  unsigned last = field.most;
  if (text != "*") {
    const std::size_t dash = text.find('-');
    const std::optional<unsigned> from = value_of(field, text.substr(0, dash));
    if (!from) return false;
    first = *from;
    if (dash != std::string_view::npos) {
      const std::optional<unsigned> to = value_of(field, text.substr(dash + 1));
      if (!to) return false;
      last = *to;
    } else if (slash == std::string_view::npos) {
      last = first;
    }
  }
  const unsigned count = field.most - field.least + 1;
  const unsigned span = (last + count - first) % count;
  for (unsigned at = 0; at <= span; at += *step) into.set(field.least + (first - field.least + at) % count);
  return true;
}

template <std::size_t N>
bool add_list(const CronField& field, std::string_view text, std::bitset<N>& into) {
  while (true) {
    const std::size_t comma = text.find(',');
    if (!add_item(field, text.substr(0, comma), into)) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return words;
    text.remove_prefix(first);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

unsigned last_day(int year, unsigned month) {
  const std::chrono::year_month_day_last last{std::chrono::year(year),
                                              std::chrono::month_day_last(std::chrono::month(month))};
  return static_cast<unsigned>(last.day());
}

}  // namespace

class CronReader {
 public:
  explicit CronReader(Cron& into) : into_(into) {}

  // False: it is none of the forms of this field alone.
  bool month_day(std::string_view text) {
    if (text == "*") return true;
    if (same_word(text, "L")) return set(Cron::MonthDay::from_last, 0);
    if (same_word(text, "LW")) return set(Cron::MonthDay::last_weekday, 0);
    if (text.size() > 2 && same_word(text.substr(0, 2), "L-")) {
      const std::optional<unsigned> before = digits(text.substr(2));
      return before && *before >= 1 && *before <= 30 && set(Cron::MonthDay::from_last, *before);
    }
    if (text.size() > 1 && upper(text.back()) == 'W') {
      const std::optional<unsigned> day = value_of(kMonthDay, text.substr(0, text.size() - 1));
      return day && set(Cron::MonthDay::nearest_weekday, *day);
    }
    into_.month_day_ = Cron::MonthDay::listed;
    return add_list(kMonthDay, text, into_.month_days_);
  }

  bool week_day(std::string_view text) {
    if (text == "*") return true;
    std::optional<unsigned> day;
    const std::size_t hash = text.find('#');
    if (hash != std::string_view::npos) {
      day = value_of(kWeekDay, text.substr(0, hash));
      const std::optional<unsigned> nth = digits(text.substr(hash + 1));
      if (!day || !nth || *nth < 1 || *nth > 5) return false;
      into_.week_day_ = Cron::WeekDay::nth_of_month;
      into_.nth_ = *nth;
    } else if (same_word(text, "L")) {
      into_.week_day_ = Cron::WeekDay::listed;
      day = kSaturday;
    } else if (text.size() > 1 && upper(text.back()) == 'L') {
      day = value_of(kWeekDay, text.substr(0, text.size() - 1));
      if (!day) return false;
      into_.week_day_ = Cron::WeekDay::last_of_month;
    } else {
      into_.week_day_ = Cron::WeekDay::listed;
      return add_list(kWeekDay, text, into_.week_days_);
    }
    into_.week_days_.set(*day);
    return true;
  }

  bool minutes(std::string_view text) { return add_list(kMinute, text, into_.minutes_); }
  bool hours(std::string_view text) { return add_list(kHour, text, into_.hours_); }
  bool months(std::string_view text) { return add_list(kMonth, text, into_.months_); }

 private:
  bool set(Cron::MonthDay kind, unsigned day) {
    into_.month_day_ = kind;
    into_.day_ = day;
    return true;
  }

  Cron& into_;
};

Result<Cron> Cron::parse(std::string_view text) {
  const std::vector<std::string_view> words = words_of(text);
  if (words.size() != 5) {
    return fail(
        Errc::invalid,
        fmt::format("a cron expression has five fields (minute, hour, day of the month, month, day of "
                    "the week), this one {}",
                    words.size()));
  }
  Cron cron;
  CronReader reader(cron);
  if (!reader.minutes(words[0])) return wrong(kMinute, words[0]);
  if (!reader.hours(words[1])) return wrong(kHour, words[1]);
  if (!reader.month_day(words[2])) return wrong(kMonthDay, words[2]);
  if (!reader.months(words[3])) return wrong(kMonth, words[3]);
  if (!reader.week_day(words[4])) return wrong(kWeekDay, words[4]);
  if (!cron.find_after(0)) return fail(Errc::invalid, "no day is ever the one that it names");
  return cron;
}

TimeMs Cron::next_after(TimeMs time) const {
  // parse() takes none that comes never.
  return find_after(time).value_or(time + kMostDays * kDayMs);
}

std::optional<TimeMs> Cron::find_after(TimeMs time) const {
  using std::chrono::sys_days;
  const TimeMs from = (time / kMinuteMs + 1) * kMinuteMs;
  sys_days day{std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(from)))};
  for (int looked = 0; looked < kMostDays; ++looked, day += std::chrono::days(1)) {
    const std::chrono::year_month_day date(day);
    const unsigned weekday = std::chrono::weekday(day).c_encoding() + 1;
    if (!has_day(static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), weekday)) {
      continue;
    }
    const TimeMs midnight = day.time_since_epoch().count() * kDayMs;
    const TimeMs first = std::max<TimeMs>(from - midnight, 0) / kMinuteMs;
    for (TimeMs minute = first; minute < kDayMinutes; ++minute) {
      if (hours_[static_cast<std::size_t>(minute / 60)] && minutes_[static_cast<std::size_t>(minute % 60)])
        return midnight + minute * kMinuteMs;
    }
  }
  return std::nullopt;
}

bool Cron::has_day(int year, unsigned month, unsigned day, unsigned weekday) const {
  if (!months_[month]) return false;
  const unsigned last = last_day(year, month);
  const bool any_month_day = month_day_ == MonthDay::any;
  const bool any_week_day = week_day_ == WeekDay::any;
  if (any_month_day && any_week_day) return true;
  return (!any_month_day && has_month_day(day, last, weekday)) ||
         (!any_week_day && has_week_day(day, last, weekday));
}

bool Cron::has_month_day(unsigned day, unsigned last, unsigned weekday) const {
  switch (month_day_) {
    case MonthDay::any:
      return true;
    case MonthDay::listed:
      return month_days_[day];
    case MonthDay::from_last:
      return day + day_ == last;
    case MonthDay::last_weekday:
      if (weekday == kSaturday || weekday == kSunday) return false;
      return day == last || (weekday == kSaturday - 1 && day + 2 >= last);
    case MonthDay::nearest_weekday:
      if (weekday == kSaturday || weekday == kSunday || day_ > last) return false;
      if (day == day_) return true;
      // A Saturday's is the Friday before, a Sunday's the Monday after, unless that is another month.
      if (weekday == kSaturday - 1 && day + 1 == day_) return true;
      if (weekday == kSunday + 1 && day == day_ + 1) return true;
      if (weekday == kSunday + 1 && day_ == 1 && day == 3) return true;
      return weekday == kSaturday - 1 && day_ == last && day + 2 == last;
  }
  return false;
}

bool Cron::has_week_day(unsigned day, unsigned last, unsigned weekday) const {
  if (week_day_ == WeekDay::any) return true;
  if (!week_days_[weekday]) return false;
  if (week_day_ == WeekDay::last_of_month) return day + 7 > last;
  if (week_day_ == WeekDay::nth_of_month) return (day - 1) / 7 + 1 == nth_;
  return true;
}

}  // namespace kiln::model
