// What limits this machine lets us set, found out once, and the making of each build's Confinement. Owned by
// the runner's service, outlives its sandboxes. admit() from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "runner/sandbox/limits/cgroup_host.h"
#include "runner/sandbox/limits/confinement.h"
#include "runner/sandbox/limits/disk_pool.h"
#include "runner/sandbox/limits/limits.h"

namespace kiln::runner {

// The wish that this folder is one runner's alone, until destroyed or killed.
class RootLock {
 public:
  // Waits a little, since a killed runner's children hold its lock until they are dead too. Errors:
  // Errc::conflict when another runner has it, Errc::io.
  [[nodiscard]] static Result<RootLock> take(const std::filesystem::path& root,
                                             std::chrono::milliseconds patience = std::chrono::seconds(5));

 private:
  explicit RootLock(Fd file) : file_(std::move(file)) {}
  Fd file_;
};

class LimitKeeper {
 public:
  struct Setup {
    Limits limits;
    bool memory_by_default = false;  // not more than 80 % of what the machine, or our own cgroup, has
    std::filesystem::path root;  // the runner's folder, locked by it; ours is told from other runners' by it
    std::filesystem::path builds;  // builds' folders; disks are mounted below
    int slots = 1;
    CgroupView cgroups = system_cgroups();
    std::chrono::milliseconds disk_interval{10'000};
  };

  // Ends and removes what a killed runner of the same root left in cgroups and in `builds`, then finds out
  // what works. Errors: Errc::unavailable when disk_mode is loop and this machine has none, Errc::io.
  [[nodiscard]] static Result<std::unique_ptr<LimitKeeper>> open(const Setup& setup);

  // A new build's, whose uid is the build's alone or not. Errors: Errc::io.
  [[nodiscard]] Result<std::unique_ptr<Confinement>> admit(const std::filesystem::path& build_folder,
                                                           bool own_uid);

  // Ends the build that holds most of the host's disk. False: no build runs, or one that was ended is still
  // on its way out. Any thread.
  bool end_largest();

  [[nodiscard]] const Limits& limits() const { return setup_.limits; }
  // One sentence for each limit that is not enforced here, and why. Empty: all are.
  [[nodiscard]] const std::vector<std::string>& unenforced() const { return unenforced_; }
  [[nodiscard]] const CgroupHost& cgroups() const { return cgroups_; }
  // What the names of our cgroups begin with.
  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  // Builds have disks, and what is mounted on them arrives in their sandboxes.
  [[nodiscard]] bool can_lend() const { return can_lend_; }
  [[nodiscard]] DiskMode disk_mode() const { return disk_mode_; }

 private:
  friend class Confinement;
  void know(Confinement& build);
  void forget(Confinement& build);

  explicit LimitKeeper(Setup setup) : setup_(std::move(setup)) {}
  Status sweep();
  Status find_disk();
  void note_unenforced();

  void fit_memory();

  Setup setup_;         // as it is after open()
  std::string prefix_;  // of our cgroups' names
  CgroupHost cgroups_;
  DiskMode disk_mode_ = DiskMode::none;
  bool can_lend_ = false;
  std::vector<std::string> unenforced_;
  std::unique_ptr<DiskPool> pool_;
  std::atomic<std::uint64_t> next_{1};
  std::mutex mutex_;
  std::vector<Confinement*> running_;  // under mutex_
};

}  // namespace kiln::runner
