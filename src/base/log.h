// The service's own log: one line an event on stderr, as logfmt or JSON, through spdlog. What is written is
// "words key=value …" or "key=value … words": each key becomes a field of the line, the words its message.
// Values are bare where they are numbers, ids and names of ours, else quoted(). Behind a colon all is words.
// Never given a secret: callers log ids, names and codes. Any thread.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace kiln::log {

enum class Level { debug, info, warn, error };
enum class Format { logfmt, json };

// Sets the least level written, the program's name on each line and its form; call once, before threads
// start.
void start(std::string_view program, Level least, Format format = Format::logfmt);
// The least level from now on; any thread.
void set_level(Level least);
// Whether a line of that level is written now.
[[nodiscard]] bool is_written(Level level);

// While one lives, every line of its thread names that request. `id` outlives it.
class RequestScope {
 public:
  explicit RequestScope(std::string_view id);
  ~RequestScope();
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;

 private:
  std::string_view before_;
};

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
