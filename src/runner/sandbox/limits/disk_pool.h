// Keeps one empty disk ready for each slot, and takes used ones away, on a thread of its own, so that neither
// is waited for. Owned by the LimitKeeper; take() and give_back() from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "runner/sandbox/limits/disk_image.h"

namespace kiln::runner {

class DiskPool {
 public:
  DiskPool(std::unique_ptr<DiskFactory> factory, int ready);
  // All disks that were given back, and those never used, are gone afterwards.
  ~DiskPool();
  DiskPool(const DiskPool&) = delete;
  DiskPool& operator=(const DiskPool&) = delete;

  // A ready one, or one made now. Errors: Errc::io.
  [[nodiscard]] Result<std::unique_ptr<DiskImage>> take();
  void give_back(std::unique_ptr<DiskImage> used);

 private:
  void work();
  Result<std::unique_ptr<DiskImage>> make();

  const std::unique_ptr<DiskFactory> factory_;
  const std::size_t wanted_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<DiskImage>> ready_;
  std::vector<std::unique_ptr<DiskImage>> used_;
  std::uint64_t next_ = 1;
  std::chrono::steady_clock::time_point not_before_{};  // of the next refill
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace kiln::runner
