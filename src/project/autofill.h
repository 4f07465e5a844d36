// What the settings of a first build can be filled in with, from a project's files. The caller fetches the
// files: first those of autofill_files() that exist, then the contents of files_to_read() among them. Pure;
// any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "project/package_manager.h"

namespace kiln::project {

struct Autofill {
  std::optional<std::string> config_file;  // its name below the root directory
  std::optional<std::string> default_worker_name;
  std::map<std::string, std::string> env_worker_names;  // environment → Worker
  std::optional<PackageManager> package_manager;        // none without a package.json
  std::map<std::string, std::string> scripts;           // of package.json, verbatim
};

// Paths from the repository's root of every file that may matter to a project in `root` ("" or "apps/web"):
// its own, and lock files and package.json of the folders above, where workspaces keep them.
[[nodiscard]] std::vector<std::string> autofill_files(const std::string& root);

// The largest file that is read, in bytes.
constexpr std::size_t kLargestConfigFile = 1U << 20U;

// Which of the files that exist (path → bytes) have contents that matter. Errors: Errc::invalid for one that
// is larger than that.
[[nodiscard]] Result<std::vector<std::string>> files_to_read(const std::string& root,
                                                             const std::map<std::string, std::size_t>& sizes);

// `contents`: path → text of files_to_read(). Errors: Errc::invalid naming the file that is broken.
[[nodiscard]] Result<Autofill> autofill(const std::string& root,
                                        const std::map<std::string, std::size_t>& sizes,
                                        const std::map<std::string, std::string>& contents);

}  // namespace kiln::project
