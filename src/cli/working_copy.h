// A folder in a git work tree as a build can fetch it: a commit of what stands there now, with what is not
// committed yet, in a bare repository of our own. Index, refs, objects and files of the work tree are only
// read. Internal to cli; one thread.
#pragma once

#include <filesystem>
#include <string>

#include "base/process.h"
#include "base/result.h"

namespace kiln::cli {

struct WorkingCopy {
  std::filesystem::path top;  // of the work tree
  std::string folder;         // of the given one below it, "" or "apps/web"
  std::string branch;         // empty: none is checked out
};

// Errors: Errc::invalid when `folder` is in no git work tree, saying what to do; Errc::io with git's words.
[[nodiscard]] Result<WorkingCopy> find_working_copy(Processes& processes,
                                                    const std::filesystem::path& folder);

// The commit that is checked out. Errors: Errc::io with git's words, also when there is none yet.
[[nodiscard]] Result<std::string> head_commit(Processes& processes, const WorkingCopy& copy);

struct Snapshot {
  std::filesystem::path repository;  // bare; borrows the work tree's objects
  std::string commit;                // the head itself when nothing has changed since
  bool changed = false;              // the commit holds what is not committed
};

// Makes `repository`, which must not be there, with `branch` at the snapshot, and with the branches and tags
// that the work tree has of its origin. Files that git ignores are left
// out, like anything else that a push would not bring. Errors: Errc::io with git's words; Errc::invalid for
// an empty work tree without a commit and for a bad branch name.
[[nodiscard]] Result<Snapshot> take_snapshot(Processes& processes, const WorkingCopy& copy,
                                             const std::string& branch,
                                             const std::filesystem::path& repository);

}  // namespace kiln::cli
