// What the settings of a first build can be filled in with, from a project's files. The caller fetches the
// files: first those of autofill_files() that exist, then the contents of files_to_read() among them. Pure;
// any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::project {

// What a file that is broken or too large would have said is nothing, and `unread` says why.
struct Autofill {
  using Texts = std::map<std::string, std::string>;
  std::optional<std::string> config_file;  // its name below the root directory
  std::optional<std::string> default_worker_name;
  std::optional<Texts> env_worker_names = Texts{};  // environment → Worker
  std::optional<std::string_view> package_manager;  // "npm", "yarn", "pnpm", "bun" or "uv"
  std::optional<Texts> scripts = Texts{};           // of package.json, verbatim
  std::vector<std::string> unread;                  // a sentence a file, beginning with its path
};

// Paths from the repository's root of every file that may matter to a project in `root` ("" or "apps/web"):
// its own, and lock files and package.json of the folders above, where workspaces keep them.
[[nodiscard]] std::vector<std::string> autofill_files(const std::string& root);

// The largest file that is read, in bytes.
constexpr std::size_t kLargestConfigFile = 1U << 20U;

// Which of the files that exist (path → bytes) have contents that matter and are no larger than that.
[[nodiscard]] std::vector<std::string> files_to_read(const std::string& root,
                                                     const std::map<std::string, std::size_t>& sizes);

// `contents`: path → text of files_to_read().
[[nodiscard]] Autofill autofill(const std::string& root, const std::map<std::string, std::size_t>& sizes,
                                const std::map<std::string, std::string>& contents);

}  // namespace kiln::project
