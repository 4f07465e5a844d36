// How things are shown: times, log lines, JSON. Pure functions; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/table.h"

namespace kiln::cli {

// "just now", "5 min ago", "3 h ago", "2 days ago", else the date.
[[nodiscard]] std::string relative_time(TimeMs time, TimeMs now);
// The same for an API time; "-" for anything else.
[[nodiscard]] std::string relative_time(std::string_view rfc3339, TimeMs now);

// One line as a terminal may have it: tabs and, with `keep_colours`, SGR colours; every other control, and
// whatever else base/printable.h calls harmful, is dropped.
[[nodiscard]] std::string safe_line(std::string_view text, bool keep_colours);
// The first line of a message, at most `width` characters, safe to show.
[[nodiscard]] std::string headline(std::string_view message, std::size_t width);

// The value at that key of an object ("a/b" descends); nullptr: there is none.
[[nodiscard]] const boost::json::value* member(const boost::json::value& value, std::string_view path);
// A string there, or "" when there is none.
[[nodiscard]] std::string text_at(const boost::json::value& value, std::string_view path);
// A whole number there; nothing when there is none.
[[nodiscard]] std::optional<std::int64_t> number_at(const boost::json::value& value, std::string_view path);
// Whether `true` stands there.
[[nodiscard]] bool is_true_at(const boost::json::value& value, std::string_view path);
// The array there, or an empty one.
[[nodiscard]] const boost::json::array& list_at(const boost::json::value& value, std::string_view path);
// It would be gone before it is looked at.
const boost::json::array& list_at(boost::json::value&& value, std::string_view path) = delete;

// "success", or the status while there is no outcome; with its colour.
[[nodiscard]] Cell state_of(const boost::json::value& build);
// The strings of a list, safe to show, joined by ", ".
[[nodiscard]] std::string joined(const boost::json::array& list);

// Indented by two spaces, keys in their order, a line break at the end; harmful characters as \uXXXX.
[[nodiscard]] std::string pretty(const boost::json::value& value);

}  // namespace kiln::cli
