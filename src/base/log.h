// The service's own log: one line an event on stderr, "time level message key=value …", through spdlog.
// Never given a secret: callers log ids, names and codes. Any thread.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace kiln::log {

enum class Level { debug, info, warn, error };

// Sets the least level written and the program's name shown on each line; call once, before threads start.
void start(std::string_view program, Level least);

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
