// The tools step: decides which Node, package manager and other tools the project gets and has them ready.
#pragma once

#include "runner/steps/attempt.h"

namespace kiln::runner {

// Fills tool_folders and install_commands.
[[nodiscard]] StepResult find_tools(Attempt& attempt);

}  // namespace kiln::runner
