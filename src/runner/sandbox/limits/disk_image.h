// Disks of builds: a file system of its own for each, in a sparse file without a name, mounted by way of a
// loop device. Root only. Nothing outlives this process: the file has no name, the device frees itself, and
// the mount belongs to the process's own mount namespace (enter_own_mounts).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/fs.h"
#include "base/result.h"

namespace kiln::runner {

// Gives this process a mount namespace: what it mounts is seen by nobody else and ends with it; what the host
// mounts and unmounts still arrives. Before the first thread starts. Errors: Errc::unavailable.
[[nodiscard]] Status enter_own_mounts();

// One build's disk, mounted; gone when destroyed, with whatever is on it.
class DiskImage {
 public:
  DiskImage(Fd image, std::filesystem::path folder) : image_(std::move(image)), folder_(std::move(folder)) {}
  ~DiskImage();
  DiskImage(const DiskImage&) = delete;
  DiskImage& operator=(const DiskImage&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  Fd image_;
  std::filesystem::path folder_;
};

// Makes disks, each a copy of an empty file system that was made once. Any thread.
class DiskFactory {
 public:
  // Disks of `bytes`, mounted below `parent`, which must be ours alone to write. Errors: Errc::unavailable
  // when this machine cannot: which step, and the system's words.
  [[nodiscard]] static Result<std::unique_ptr<DiskFactory>> open(const std::filesystem::path& parent,
                                                                 std::uint64_t bytes);
  // What is mounted on a disk arrives in the sandboxes that show it (sandbox/lend.h).
  [[nodiscard]] bool can_lend() const { return can_lend_; }

  // About 10 ms. `name` must be new below the parent. Errors: Errc::io.
  [[nodiscard]] Result<std::unique_ptr<DiskImage>> make(const std::string& name) const;

 private:
  DiskFactory(Fd empty, std::filesystem::path parent, std::uint64_t bytes)
      : empty_(std::move(empty)), parent_(std::move(parent)), bytes_(bytes) {}

  Fd empty_;  // the empty file system
  std::filesystem::path parent_;
  std::uint64_t bytes_;
  bool can_lend_ = false;
};

}  // namespace kiln::runner
