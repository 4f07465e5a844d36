// Tells the server what a build is made from, as the commit has it: nothing that the build runs could change
// it before.
#pragma once

#include "runner/steps/attempt.h"

namespace kiln::runner {

// Before anything of the project's runs, behind find_tools: it waits until the server has it on its disk. A
// lock file that cannot be read is told without its packages; what the server refuses is said and fails
// nothing.
[[nodiscard]] StepResult tell_materials(Attempt& attempt);

}  // namespace kiln::runner
