// A fresh folder below the system's temporary one, gone with its owner. Owned by the test; belongs to one
// thread.
#pragma once

#include <filesystem>

#include "base/fs.h"

namespace kiln::testing {

class TempDir {
 public:
  // Ends the test program when there is no room for a folder.
  TempDir();
  ~TempDir() { (void)remove_tree(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace kiln::testing
