#include "runner/sandbox/limits/confinement.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "base/log.h"
#include "runner/sandbox/limits/keeper.h"

namespace kiln::runner {
namespace {

constexpr std::uint64_t kMostFilesWatched = 2'000'000;  // of a build that is only looked at
constexpr std::uint64_t kAsGoodAsNone = 64U << 10U;

}  // namespace

ProcessLimits Confinement::process_limits() const {
  ProcessLimits out;
  if (!limits_processes_ && !own_uid_) out.processes = limits_.processes;
  if (!limits_memory_) out.data = limits_.memory;
  if (watched_) out.file = limits_.disk;
  return out;
}

void Confinement::watch(std::function<void()> end_build) {
  end_build_ = std::move(end_build);
  if (keeper_ != nullptr) keeper_->know(*this);
  if (!watched_) return;
  watch_ = std::make_unique<DiskWatch>(folder(), limits_.disk, kMostFilesWatched, interval_, [this] {
    disk_over_ = true;
    end_build_();
  });
}

std::uint64_t Confinement::on_disk() const {
  if (!disk_) return tree_size(folder(), kMostFilesWatched).bytes;
  struct statvfs system {};
  if (statvfs(folder().c_str(), &system) != 0) return 0;
  return std::uint64_t{system.f_blocks - system.f_bfree} * system.f_frsize;
}

void Confinement::end_for_host() {
  if (!host_disk_low_.exchange(true)) end_build_();
}

void Confinement::spent(const Spent& so_far) {
  cpu_us_ = so_far.cpu_us;
  written_ = so_far.written;
  largest_process_ = so_far.largest_process;
}

Usage Confinement::usage() const {
  const CgroupCounts counts = cgroup_ ? cgroup_->counts() : CgroupCounts{};
  Usage usage;
  usage.memory_peak = counts.memory_peak;
  if (!usage.memory_peak && largest_process_ > 0) usage.memory_peak = largest_process_;
  usage.processes_peak = counts.processes_peak;
  if (counts.cpu_us || cpu_us_ > 0)
    usage.cpu_us = std::max<std::uint64_t>(counts.cpu_us.value_or(0), cpu_us_);
  // A command that was killed before it was counted has left at least this.
  usage.written = std::max<std::uint64_t>(written_, disk_ ? on_disk() : 0);
  return usage;
}

Harm Confinement::harm(bool all_gone) const {
  const CgroupCounts counts = cgroup_ ? cgroup_->counts() : CgroupCounts{};
  Harm harm{.memory_kills = counts.memory_kills, .forks_refused = counts.forks_refused};
  struct statvfs system {};
  if (disk_ && statvfs(folder().c_str(), &system) == 0) {
    harm.disk_full = system.f_bavail * system.f_frsize < kAsGoodAsNone;
    harm.files_full = system.f_favail == 0;
  }
  harm.disk_over = disk_over_;
  harm.host_disk_low = host_disk_low_;
  harm.whole_build = harm.disk_over || harm.host_disk_low || (all_gone && harm.memory_kills > 0);
  return harm;
}

void Confinement::close() {
  if (closed_) return;
  closed_ = true;
  if (keeper_ != nullptr) keeper_->forget(*this);
  watch_.reset();
  if (cgroup_) {
    if (Status removed = cgroup_->remove(); !removed) {
      log::warn("a build's cgroup stays behind reason={}", log::quoted(removed.error().message));
    }
  }
  if (disk_) {
    pool_->give_back(std::move(disk_));
  } else if (Status removed = remove_tree(build_folder_); !removed) {
    log::warn("a build's folder stays behind reason={}", log::quoted(removed.error().message));
  }
}

}  // namespace kiln::runner
