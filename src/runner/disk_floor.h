// Keeps the disk that mirrors, caches, tools and builds share from filling up. Below a floor of free space
// what can be made again is dropped, the least recently used first; while that does not help the runner takes
// no new build, and below half of the floor the build that holds most of the disk is ended.
//
// Owned by the runner's service: a thread of its own from start() to stop(). why_closed() from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace kiln::runner {

class DiskFloor {
 public:
  struct Setup {
    std::uint64_t floor = 0;                             // bytes; 0: no floor
    std::filesystem::path place;                         // on that disk
    std::function<std::optional<std::uint64_t>()> free;  // bytes; empty: what the system says of `place`
    // Each drops one thing that can be made again; false: it has nothing more to give.
    std::vector<std::function<bool()>> relief;
    std::function<bool()> end_largest;  // false: it ended none
    std::chrono::milliseconds interval{250};
  };

  explicit DiskFloor(Setup setup);
  ~DiskFloor() { stop(); }
  DiskFloor(const DiskFloor&) = delete;
  DiskFloor& operator=(const DiskFloor&) = delete;

  // The first round is over when it returns.
  void start();
  void stop();

  // One round; for the thread, and for tests.
  void look();

  // Why no build can be taken now, as a sentence; nothing: one can.
  [[nodiscard]] std::optional<std::string> why_closed() const;

 private:
  void work();
  void relieve(std::uint64_t& free) const;

  Setup setup_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string closed_;  // empty: open
  bool stopping_ = false;
  std::thread thread_;
};

// Bytes that an ordinary user may still write where `place` is; nothing when the system cannot tell.
[[nodiscard]] std::optional<std::uint64_t> free_space(const std::filesystem::path& place);

}  // namespace kiln::runner
