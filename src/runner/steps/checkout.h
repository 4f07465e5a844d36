// The checkout step: the commit into the runner's mirror (on the host, while the sandbox starts), then a work
// tree inside the sandbox that shares the mirror's objects, with the mirror's branches and tags as a clone
// has them. HEAD is detached at the commit; origin is fetched from the mirror, which asks for no credentials;
// no code of the repository runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/steps/attempt.h"

namespace kiln::runner {

// Host side: fetches, checks the root directory and reads the files that choose tools. Fills commit and
// files.contents; with submodules also those (submodules.h).
[[nodiscard]] StepResult fetch_commit(Attempt& attempt);

// Inside the sandbox. Fills files.present, lock_ids, lfs_pointers and view.
[[nodiscard]] StepResult check_out(Attempt& attempt);

// The text of .git/config of a checkout of `commit`, whose origin is described by `origin`.
[[nodiscard]] std::string checkout_config(const std::string& commit, const std::string& origin);
// origin's lines: fetched from and pushed to `url`, without credentials.
[[nodiscard]] std::string remote_config(const std::string& url);
// The same, but fetched from the mirror: git takes the first url for that, and tells the last to whoever asks
// for the setting. A path of the runner's machine is not told.
[[nodiscard]] std::string mirrored_config(const std::string& url);

// git's sparse checkout patterns for the root directory, the folders `more` and the files of all folders
// above them; empty: check out everything, as when `more` is nothing or the root is the top.
[[nodiscard]] std::string sparse_patterns(const std::string& root,
                                          const std::optional<std::vector<std::string>>& more);

}  // namespace kiln::runner
