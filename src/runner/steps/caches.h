// The steps that bring a build's caches in and out. A cache that is missing, broken or cannot be saved never
// fails a build: the log says so and the build goes on.
#pragma once

#include "runner/steps/attempt.h"

namespace kiln::runner {

// After the checkout: chooses the archives, has them lent, and unpacks the dependencies into the home. Fills
// dependencies, output and restored_*.
[[nodiscard]] StepResult restore_caches(Attempt& attempt);

// After the install, which may have replaced node_modules: unpacks the build output into the root directory.
[[nodiscard]] StepResult unpack_build_output(Attempt& attempt);

// After everything has succeeded. Not done when the time limit is reached, since nothing is left to do that
// counts.
[[nodiscard]] StepResult save_caches(Attempt& attempt);

}  // namespace kiln::runner
