// The checkout step: the commit into the runner's mirror (on the host, while the sandbox starts), then a work
// tree inside the sandbox that shares the mirror's objects. HEAD is detached at the commit; origin bears no
// credentials; no code of the repository runs.
#pragma once

#include "runner/steps/attempt.h"

namespace kiln::runner {

// Host side: fetches, checks the root directory and reads the files that choose tools. Fills commit and
// files.contents.
[[nodiscard]] StepResult fetch_commit(Attempt& attempt);

// Inside the sandbox. Fills files.present, lock_ids and view.
[[nodiscard]] StepResult check_out(Attempt& attempt);

// A clone URL without user, password or token.
[[nodiscard]] std::string without_credentials(const std::string& url);

}  // namespace kiln::runner
