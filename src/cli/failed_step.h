// The lines of the step in which a build failed. One thread. Internal to cli.
#pragma once

#include <string>

#include "cli/context.h"
#include "cli/log_view.h"
#include "cli/server.h"

namespace kiln::cli {

// Of its last attempt. Errors: Errc::conflict for a build of which no step failed, saying how it stands.
[[nodiscard]] Status print_failed_step(Context& context, Server& server, const std::string& build,
                                       const LogChoice& choice);

}  // namespace kiln::cli
