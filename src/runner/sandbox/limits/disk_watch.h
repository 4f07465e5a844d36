// Looks every few seconds how much a build has put on disk, where no file system limits it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

namespace kiln::runner {

struct TreeSize {
  std::uint64_t bytes = 0;  // blocks on disk; a file with several names counts once
  std::uint64_t entries = 0;
};

// Of a tree that hostile code changes meanwhile: follows no symlink, leaves the file system never, copes with
// any depth. Stops counting at `most_entries`. Folders that we may not read count as empty. Blocks on disk;
// any thread.
[[nodiscard]] TreeSize tree_size(const std::filesystem::path& root, std::uint64_t most_entries);

// One build's watcher: a thread that its constructor starts and its destructor joins.
class DiskWatch {
 public:
  // `on_over` runs on the watcher's thread, once.
  DiskWatch(std::filesystem::path folder, std::uint64_t most_bytes, std::uint64_t most_entries,
            std::chrono::milliseconds interval, std::function<void()> on_over);
  ~DiskWatch();
  DiskWatch(const DiskWatch&) = delete;
  DiskWatch& operator=(const DiskWatch&) = delete;

 private:
  void watch();
  [[nodiscard]] bool is_over();

  const std::filesystem::path folder_;
  const std::uint64_t most_bytes_;
  const std::uint64_t most_entries_;
  const std::chrono::milliseconds interval_;
  const std::function<void()> on_over_;
  std::uint64_t used_before_ = 0;  // of the whole file system
  int skipped_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace kiln::runner
