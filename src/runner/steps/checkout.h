// The checkout step: the commit into the runner's mirror (on the host, while the sandbox starts), then a work
// tree inside the sandbox that shares the mirror's objects. HEAD is detached at the commit; origin bears no
// credentials; no code of the repository runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/steps/attempt.h"

namespace kiln::runner {

// Host side: fetches, checks the root directory and reads the files that choose tools. Fills commit and
// files.contents; with submodules also those (submodules.h).
[[nodiscard]] StepResult fetch_commit(Attempt& attempt);

// Inside the sandbox. Fills files.present, lock_ids and view.
[[nodiscard]] StepResult check_out(Attempt& attempt);

// The text of .git/config of a checkout of `commit` from `url`.
[[nodiscard]] std::string checkout_config(const std::string& commit, const std::string& url);

// git's sparse checkout patterns for the root directory, the folders `more` and the files of all folders
// above them; empty: check out everything, as when `more` is nothing or the root is the top.
[[nodiscard]] std::string sparse_patterns(const std::string& root,
                                          const std::optional<std::vector<std::string>>& more);

// A clone URL without user, password or token.
[[nodiscard]] std::string without_credentials(const std::string& url);

}  // namespace kiln::runner
