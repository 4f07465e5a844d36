// What `git ls-tree -l -z` prints, as values. Internal to scm/git. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::scm {

struct TreeEntry {
  std::string mode;  // six octal digits
  std::string type;  // "blob", "tree" or "commit" (a submodule)
  std::string hash;
  std::size_t size = 0;  // of blobs
  std::string path;
};

// Lines that do not read as entries are left out.
[[nodiscard]] std::vector<TreeEntry> parse_tree(std::string_view out);

// A file that is no symlink.
[[nodiscard]] bool is_regular(const TreeEntry& entry);

// A path as trees have it: no empty, "." or ".." part, which git would take as relative to some folder.
[[nodiscard]] bool is_tree_path(std::string_view path);

}  // namespace kiln::scm
