// Which fetched tools are in use, when each was used last, and the removal of those that were not for long.
// Below the tool cache's folder, .use/<kind>-<version> is a file for each: whoever uses the version holds a
// read lock on it, whoever removes it a write lock, and its time is that of the last use. Locks end with
// their process, so a killed runner keeps nothing; other runners of the same folder are respected. A build
// sees the folder read-only: it could keep a version from being removed, but never a build from using it.
//
// Owned by the ToolCache; all methods from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/fs.h"

namespace kiln::runner {

// What the names of folders that are made or removed begin with; they end with "-" and a process id.
inline constexpr const char* kMaking = ".making-";
inline constexpr const char* kNpmCache = ".npm-cache";

class ToolShelf {
 public:
  // `most_bytes`: of everything that can be fetched again together; 0: no bound.
  ToolShelf(const Clock& clock, std::filesystem::path root, std::uint64_t most_bytes)
      : clock_(clock), root_(std::move(root)), most_bytes_(most_bytes) {}

  // `folder` ("node/22.1.0") is used now and cannot be removed while the answer is held. Null: it is not
  // there.
  [[nodiscard]] std::shared_ptr<const Fd> hold(const std::string& folder);

  // npm is at work: what it downloads is not removed while the answer is held.
  [[nodiscard]] std::shared_ptr<const Fd> hold_downloads();

  // Removes npm's own download cache, or else the version that nobody uses and nobody has for longest. Never
  // the default Node, nor kinds that the operator provides. False: there is nothing.
  bool give_up_one();

  // Until what is there fits the bound, or is in use.
  void keep_within_bound();

 private:
  [[nodiscard]] Fd lock_file(const std::string& folder) const;
  bool remove_downloads();
  [[nodiscard]] bool remove_unused(const std::string& folder);

  const Clock& clock_;
  const std::filesystem::path root_;
  const std::uint64_t most_bytes_;
  std::mutex mutex_;  // one removal at a time
  std::uint64_t removals_ = 0;
};

}  // namespace kiln::runner
