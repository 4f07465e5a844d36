// Showing a build's log: what there is, or live until the build ends. Both end early, without an error, when
// standard output takes no more. One thread.
#pragma once

#include "cli/context.h"
#include "cli/log_view.h"
#include "cli/server.h"

namespace kiln::cli {

// Prints the log so far.
[[nodiscard]] Status print_log(Context& context, Server& server, const std::string& build,
                               const LogChoice& choice);

// Prints lines as they come until the build is over, coming back where it was when the server restarts; then
// sets exit_code to 1 unless the build succeeded.
[[nodiscard]] Status follow_log(Context& context, Server& server, const std::string& build,
                                const LogChoice& choice = {});

}  // namespace kiln::cli
