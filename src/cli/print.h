// How things are shown: colours, tables, times, log lines. Pure functions; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace kiln::cli {

enum class Colour { none, dim, red, green, yellow, cyan };

struct Style {
  bool colours = false;
};

[[nodiscard]] std::string paint(Style style, Colour colour, std::string_view text);

// Columns two spaces apart, the last one not padded. Widths count characters, not bytes or colours.
struct Cell {
  std::string text;
  Colour colour = Colour::none;
};
[[nodiscard]] std::string table(Style style, const std::vector<std::vector<Cell>>& rows);

// "just now", "5 min ago", "3 h ago", "2 days ago", else the date.
[[nodiscard]] std::string relative_time(TimeMs time, TimeMs now);
// The same for an API time; "-" for anything else.
[[nodiscard]] std::string relative_time(std::string_view rfc3339, TimeMs now);

// One line as a terminal may have it: tabs and, with `keep_colours`, SGR colours; every other control, and
// whatever else base/printable.h calls harmful, is dropped.
[[nodiscard]] std::string safe_line(std::string_view text, bool keep_colours);
// The first line of a message, at most `width` characters, safe to show.
[[nodiscard]] std::string headline(std::string_view message, std::size_t width);

// A string at that key ("a/b" descends), or "" when there is none.
[[nodiscard]] std::string text_at(const boost::json::value& value, std::string_view path);
// The array at that key of an object, or an empty one.
[[nodiscard]] const boost::json::array& list_at(const boost::json::value& value, std::string_view key);

// "success", or the status while there is no outcome; with its colour.
[[nodiscard]] Cell state_of(const boost::json::value& build);
// One row of `kiln builds`, and its heading.
[[nodiscard]] std::vector<Cell> builds_heading();
[[nodiscard]] std::vector<Cell> builds_row(const boost::json::value& build, TimeMs now);

// Indented by two spaces, keys in their order, a line break at the end; harmful characters as \uXXXX.
[[nodiscard]] std::string pretty(const boost::json::value& value);

}  // namespace kiln::cli
