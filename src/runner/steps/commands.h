// The steps that run a project's own commands: install, build, deploy. Each through /bin/sh -c in the root
// directory.
#pragma once

#include "runner/steps/attempt.h"

namespace kiln::runner {

[[nodiscard]] StepResult install_dependencies(Attempt& attempt);
[[nodiscard]] StepResult run_build_command(Attempt& attempt);
// Begins only after the server has durably noted that it does: whatever happens then, the build is not run
// again.
[[nodiscard]] StepResult run_deploy_command(Attempt& attempt);

}  // namespace kiln::runner
