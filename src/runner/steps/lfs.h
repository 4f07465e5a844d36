// The files of a checkout that are pointers of Git LFS: their contents are fetched on the host, with the
// repository's credentials, and put in the pointers' place inside the sandbox. No filter runs. What cannot be
// had stays a pointer, and is told about.
#pragma once

#include "runner/steps/attempt.h"

namespace kiln::runner {

// After check_out(), which counted the pointers.
[[nodiscard]] StepResult fetch_lfs(Attempt& attempt);

}  // namespace kiln::runner
