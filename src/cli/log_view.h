// How a build's log is shown, line by line: who wrote it, when, and which lines at all. Belongs to one
// thread.
#pragma once

#include <boost/json/value.hpp>
#include <deque>
#include <optional>
#include <string>

#include "cli/context.h"

namespace kiln::cli {

struct LogChoice {
  bool origin = false;      // with --json: a third element, "service" or "build"
  bool timestamps = false;  // whole times of UTC instead of the time of day here
  std::string grep;         // only lines that contain this
  std::optional<std::size_t> tail;
};

// --origin, --timestamps, --grep and --tail.
void add_log_options(CLI::App& command, LogChoice& choice, bool whole_log);

class LogView {
 public:
  LogView(Context& context, LogChoice choice) : context_(context), choice_(std::move(choice)) {}

  // One line of a log, [milliseconds, text] or [milliseconds, text, origin]; anything else is left out. With
  // a tail, shown by end_of_tail().
  void take(const boost::json::value& line);
  // What was held back is shown, and every later line at once.
  void end_of_tail();

 private:
  void show(const boost::json::array& line);

  Context& context_;
  LogChoice choice_;
  std::deque<boost::json::value> held_;
};

}  // namespace kiln::cli
