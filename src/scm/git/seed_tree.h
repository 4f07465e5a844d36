// Writes the tree of a seed into a mirror's object store, by way of an index of its own: no work tree, no
// filters, no hooks. Internal to scm/git; the caller holds the mirror's lock.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "scm/git/seed.h"

namespace kiln::scm {

// The hash of `commit`'s folder `folder` with `files` put over it. Errors: Errc::invalid, with the field of
// the request at fault below "seed_repo", when the folder is absent, over a limit, or has submodules, and
// when a file cannot stand where it is to.
[[nodiscard]] Result<std::string> write_seed_tree(Processes& processes, const std::filesystem::path& mirror,
                                                  const std::string& commit, const std::string& folder,
                                                  const std::vector<SeedFile>& files);

}  // namespace kiln::scm
