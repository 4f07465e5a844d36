// A checkout's submodules. Those on the repository's own host come through the mirror, with its credentials;
// those elsewhere are fetched inside the sandbox, which has neither credentials nor a way to the runner's
// machine. One that may not be fetched at all is told about; one that cannot be had fails the build.
#pragma once

#include "runner/steps/attempt.h"

namespace kiln::runner {

inline constexpr const char* kGitmodules = ".gitmodules";

// Host side, for a commit that has a .gitmodules. Fills submodules.
[[nodiscard]] StepResult fetch_submodules(Attempt& attempt);

// Inside the sandbox, after check_out().
[[nodiscard]] StepResult check_out_submodules(Attempt& attempt);

}  // namespace kiln::runner
