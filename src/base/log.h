// The service's own log: one line an event on stderr, "time level message key=value …", through spdlog.
// Values are bare where they are numbers, ids and names of ours, else quoted().
// Never given a secret: callers log ids, names and codes. Any thread.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace kiln::log {

enum class Level { debug, info, warn, error };

// Sets the least level written and the program's name shown on each line; call once, before threads start.
void start(std::string_view program, Level least);

// A value out of other hands as the value of a key: in quotes, with quotes, backslashes and control
// characters escaped as JSON does, so that it ends where it ends and begins no key of its own.
[[nodiscard]] std::string quoted(std::string_view value);

// One line, whatever is in it: control characters are escaped.
void write(Level level, std::string_view line);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warn, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace kiln::log
