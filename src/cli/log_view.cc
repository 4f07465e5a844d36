#include "cli/log_view.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <ctime>

#include "base/printable.h"
#include "base/time_format.h"
#include "cli/whole_number.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostLines = 1'000'000'000;

std::string local_time(TimeMs time) {
  const std::time_t seconds = time / 1000;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// Of the service's own lines, so that a reader sees the steps and how they ended.
Colour colour_of(std::string_view text) {
  const auto starts = [&](std::string_view words) { return text.substr(0, words.size()) == words; };
  if (starts("Success")) return Colour::green;
  if (starts("Failed") || starts("Build was")) return Colour::red;
  if (starts("Skipped") || starts("Warning")) return Colour::yellow;
  return Colour::cyan;
}

bool is_line(const json::array& line) {
  return (line.size() == 2 || (line.size() == 3 && line[2].is_string())) && line[0].is_int64() &&
         line[1].is_string();
}

}  // namespace

void add_log_options(CLI::App& command, LogChoice& choice, bool whole_log) {
  command.add_flag("--origin", choice.origin, "With --json: who wrote each line, \"service\" or \"build\"");
  command.add_flag("--timestamps", choice.timestamps, "Whole times (UTC) instead of the time of day");
  command.add_option("--grep", choice.grep, "Only lines that contain this text")->type_name("TEXT");
  if (whole_log)
    command.add_option("--tail", choice.tail, "Only the last N lines of what is there")
        ->type_name("N")
        ->check(whole_number("the count of lines", 0, kMostLines));
}

void LogView::take(const json::value& line) {
  const json::array* parts = line.if_array();
  if (parts == nullptr || !is_line(*parts)) return;
  if (!choice_.grep.empty() &&
      safe_line((*parts)[1].get_string(), false).find(choice_.grep) == std::string::npos)
    return;
  if (!choice_.tail) return show(*parts);
  held_.push_back(line);
  if (held_.size() > *choice_.tail) held_.pop_front();
}

void LogView::end_of_tail() {
  choice_.tail.reset();
  for (const json::value& line : held_) show(line.get_array());
  held_.clear();
}

// The column with the star is one that no build writes to.
void LogView::show(const json::array& line) {
  const TimeMs time = line[0].get_int64();
  const std::string_view text = line[1].get_string();
  const bool service = line.size() == 3 && line[2].get_string() == "service";
  if (context_.json) {
    json::array said{time, text};
    if (choice_.origin) said.emplace_back(service ? "service" : "build");
    context_.out << printable_json(json::serialize(said)) << '\n';
    return;
  }
  const Style style = context_.style;
  const Colour colour = service ? colour_of(text) : Colour::none;
  context_.out << paint(style, Colour::dim, choice_.timestamps ? format_rfc3339(time) : local_time(time))
               << ' ' << paint(style, colour, service ? "*" : " ") << ' '
               << paint(style, colour, safe_line(text, style.colours)) << '\n';
}

}  // namespace kiln::cli
