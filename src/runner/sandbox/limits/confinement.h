// One build's limits at work: its cgroup and its disk, or what stands in for them. Made by the LimitKeeper,
// owned by the build's sandbox, which tells it when nobody is left inside. usage(), harm() and kill() from
// any thread, the rest from the sandbox's own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "runner/sandbox/limits/cgroup.h"
#include "runner/sandbox/limits/disk_pool.h"
#include "runner/sandbox/limits/disk_watch.h"
#include "runner/sandbox/limits/limits.h"

namespace kiln::runner {

// Limits of single processes (setrlimit), where no cgroup or disk limits them all. 0: none.
struct ProcessLimits {
  std::uint64_t processes = 0;  // of the uid
  std::uint64_t data = 0;       // bytes
  std::uint64_t file = 0;       // bytes
};

// What the agent counted of the commands that are over.
struct Spent {
  std::uint64_t cpu_us = 0;
  std::uint64_t written = 0;          // bytes
  std::uint64_t largest_process = 0;  // bytes
};

class LimitKeeper;

class Confinement {
 public:
  Confinement(Limits limits, std::filesystem::path build_folder)
      : limits_(limits), build_folder_(std::move(build_folder)) {}
  ~Confinement() { close(); }
  Confinement(const Confinement&) = delete;
  Confinement& operator=(const Confinement&) = delete;

  // Where the build's folders belong.
  [[nodiscard]] const std::filesystem::path& folder() const {
    return disk_ ? disk_->folder() : build_folder_;
  }
  // The folder is a fresh disk: to be filled, not to be made.
  [[nodiscard]] bool has_disk() const { return disk_ != nullptr; }
  [[nodiscard]] std::vector<int> doors() const { return cgroup_ ? cgroup_->doors() : std::vector<int>{}; }
  [[nodiscard]] ProcessLimits process_limits() const;

  // From now on the disk is looked at, where it has to be, and end_for_host() works; `end_build` ends
  // everything, from another thread.
  void watch(std::function<void()> end_build);
  void spent(const Spent& so_far);

  // Bytes of the host's disk that the build holds; reads its whole tree where it has no disk of its own.
  [[nodiscard]] std::uint64_t on_disk() const;
  // The host's disk is about to be full. Once; any thread, between watch() and close().
  void end_for_host();
  [[nodiscard]] bool ended_for_host() const { return host_disk_low_; }

  [[nodiscard]] Usage usage() const;
  // `all_gone`: the sandbox ended while it was in use.
  [[nodiscard]] Harm harm(bool all_gone) const;
  void kill() const {
    if (cgroup_) cgroup_->kill();
  }
  [[nodiscard]] bool wait_until_empty(std::chrono::milliseconds at_most) const {
    return !cgroup_ || cgroup_->wait_until_empty(at_most);
  }
  // Nobody is left: cgroup and folder go. Errors are logged.
  void close();

 private:
  friend class LimitKeeper;

  const Limits limits_;
  const std::filesystem::path build_folder_;
  LimitKeeper* keeper_ = nullptr;  // knows of it between watch() and close()
  DiskPool* pool_ = nullptr;       // gets disk_ back
  std::function<void()> end_build_;
  bool watched_ = false;
  std::chrono::milliseconds interval_{};
  bool limits_memory_ = false;
  bool limits_processes_ = false;
  bool own_uid_ = false;  // the uid is not the build's alone: processes of others would count
  std::unique_ptr<Cgroup> cgroup_;
  std::unique_ptr<DiskImage> disk_;
  std::unique_ptr<DiskWatch> watch_;
  std::atomic<bool> disk_over_{false};
  std::atomic<bool> host_disk_low_{false};
  std::atomic<std::uint64_t> cpu_us_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> largest_process_{0};
  bool closed_ = false;
};

}  // namespace kiln::runner
