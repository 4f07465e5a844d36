// Showing a build's log: what there is, or live until the build ends. One thread.
#pragma once

#include "cli/context.h"
#include "cli/server.h"

namespace kiln::cli {

// One line of a log, [milliseconds, text]; anything else is left out.
void print_line(Context& context, const boost::json::value& line);

// Prints the log so far.
[[nodiscard]] Status print_log(Context& context, Server& server, const std::string& build);

// Prints lines as they come until the build is over, coming back where it was when the server restarts; then
// sets exit_code to 1 unless the build succeeded.
[[nodiscard]] Status follow_log(Context& context, Server& server, const std::string& build);

}  // namespace kiln::cli
