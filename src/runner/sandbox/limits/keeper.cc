#include "runner/sandbox/limits/keeper.h"

#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <system_error>

#include "base/hash.h"
#include "base/log.h"
#include "base/strings.h"
#include "runner/sandbox/limits/cgroup_files.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPlacesFile = "cgroups";  // where our predecessor's groups were
constexpr std::size_t kNameLength = 12;

// Ours even beside runners of other folders, and still ours after a restart.
std::string prefix_for(const fs::path& root) {
  std::error_code error;
  struct stat is {};
  (void)stat(root.c_str(), &is);
  const std::string identity =
      fmt::format("{} {} {}", fs::weakly_canonical(root, error).string(), is.st_dev, is.st_ino);
  return fmt::format("kiln-{}-", sha256_hex(identity).substr(0, kNameLength));
}

// Mounts below `folder` that this namespace still has, the newest first. mountinfo writes a space as \040.
std::vector<std::string> mounts_below(const fs::path& folder) {
  std::vector<std::string> found;
  for (const std::string& line : split(read_control("/proc/self/mountinfo").value_or(""), '\n')) {
    const std::vector<std::string> words = split(line, ' ');
    if (words.size() > 4 && words[4].starts_with(folder.string() + "/")) found.push_back(words[4]);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

Status empty_folder(const fs::path& folder) {
  for (const std::string& mount : mounts_below(folder)) {
    if (umount2(mount.c_str(), MNT_DETACH) != 0) {
      return fail(Errc::io, fmt::format("unmounting {}: {}", mount, std::strerror(errno)));
    }
  }
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (Status removed = remove_tree(entry->path()); !removed) return removed;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<LimitKeeper>> LimitKeeper::open(const Setup& setup) {
  std::unique_ptr<LimitKeeper> keeper(new LimitKeeper(setup));
  keeper->prefix_ = prefix_for(setup.root);
  keeper->cgroups_ = find_cgroups(setup.cgroups);
  if (setup.memory_by_default) keeper->fit_memory();
  if (Status swept = keeper->sweep(); !swept) return tl::unexpected<Error>(swept.error());
  if (Status found = keeper->find_disk(); !found) return tl::unexpected<Error>(found.error());
  keeper->note_unenforced();
  return keeper;
}

void LimitKeeper::fit_memory() {
  struct sysinfo machine {};
  std::uint64_t there = setup_.limits.memory;
  if (sysinfo(&machine) == 0) there = std::uint64_t{machine.totalram} * machine.mem_unit;
  if (cgroups_.has("memory")) {
    const fs::path& place = cgroups_.places.at("memory");
    for (const char* file : {"memory.max", "memory.limit_in_bytes"}) {
      there = std::min(there, read_number(place / file).value_or(there));
    }
  }
  setup_.limits.memory = std::min(setup_.limits.memory, there / 10 * 8);
}

Status LimitKeeper::sweep() {
  std::set<fs::path> places;
  for (const std::string& line : split(read_control(setup_.root / kPlacesFile).value_or(""), '\n')) {
    if (!line.empty()) places.insert(line);
  }
  std::string ours;
  std::set<fs::path> now;
  for (const auto& [controller, place] : cgroups_.places) now.insert(place);
  for (const fs::path& place : now) ours += place.string() + "\n";
  places.merge(now);
  const Result<int> swept = sweep_cgroups(places, prefix_);
  if (!swept) return tl::unexpected<Error>(swept.error());
  if (*swept > 0) log::info("swept what a killed runner left cgroups={}", *swept);
  // Before the first group is made in them.
  if (Status written = write_file_durably(setup_.root / kPlacesFile, ours, 0600); !written) return written;
  return empty_folder(setup_.builds);
}

Status LimitKeeper::find_disk() {
  disk_mode_ = setup_.limits.disk_mode;
  if (disk_mode_ != DiskMode::automatic && disk_mode_ != DiskMode::loop) return {};
  Result<std::unique_ptr<DiskFactory>> factory = DiskFactory::open(setup_.builds, setup_.limits.disk);
  if (factory) {
    disk_mode_ = DiskMode::loop;
    can_lend_ = (*factory)->can_lend();
    pool_ = std::make_unique<DiskPool>(std::move(*factory), setup_.slots);
    return {};
  }
  if (disk_mode_ == DiskMode::loop) {
    return context(std::move(factory.error()), "limits.disk_mode is \"loop\"");
  }
  disk_mode_ = DiskMode::poll;
  unenforced_.push_back(fmt::format("disk: checked every {} s, not enforced ({})",
                                    std::max<long>(1, setup_.disk_interval.count() / 1'000),
                                    factory.error().message));
  return {};
}

void LimitKeeper::note_unenforced() {
  for (const std::string& why : cgroups_.missing) {
    // CPU time is only counted there.
    if (!why.starts_with("cpuacct")) unenforced_.push_back(why);
  }
  if (setup_.limits.disk_mode == DiskMode::poll) {
    unenforced_.push_back(fmt::format("disk: checked every {} s, not enforced (limits.disk_mode is \"poll\")",
                                      std::max<long>(1, setup_.disk_interval.count() / 1'000)));
  }
  if (setup_.limits.disk_mode == DiskMode::none) {
    unenforced_.emplace_back("disk: not limited (limits.disk_mode is \"none\")");
  }
}

Result<std::unique_ptr<Confinement>> LimitKeeper::admit(const fs::path& build_folder, bool own_uid) {
  auto made = std::make_unique<Confinement>(setup_.limits, build_folder);
  made->watched_ = disk_mode_ == DiskMode::poll;
  made->interval_ = setup_.disk_interval;
  made->limits_memory_ = cgroups_.has("memory");
  made->limits_processes_ = cgroups_.has("pids");
  made->own_uid_ = own_uid;
  made->keeper_ = this;
  if (!cgroups_.places.empty()) {
    Result<std::unique_ptr<Cgroup>> cgroup =
        Cgroup::make(cgroups_, fmt::format("{}{}-{}", prefix_, getpid(), next_++), setup_.limits);
    if (!cgroup) return tl::unexpected<Error>(cgroup.error());
    made->cgroup_ = std::move(*cgroup);
  }
  if (pool_) {
    Result<std::unique_ptr<DiskImage>> disk = pool_->take();
    if (!disk) return tl::unexpected<Error>(disk.error());
    made->disk_ = std::move(*disk);
    made->pool_ = pool_.get();
  }
  return made;
}

void LimitKeeper::know(Confinement& build) {
  const std::lock_guard lock(mutex_);
  running_.push_back(&build);
}

void LimitKeeper::forget(Confinement& build) {
  const std::lock_guard lock(mutex_);
  std::erase(running_, &build);
}

bool LimitKeeper::end_largest() {
  const std::lock_guard lock(mutex_);
  const auto ending = [](const Confinement* build) { return build->ended_for_host(); };
  if (running_.empty() || std::any_of(running_.begin(), running_.end(), ending)) return false;
  Confinement* largest = nullptr;
  std::uint64_t most = 0;
  for (Confinement* build : running_) {
    const std::uint64_t holds = running_.size() > 1 ? build->on_disk() : 0;
    if (largest == nullptr || holds > most) largest = build;
    most = std::max(most, holds);
  }
  largest->end_for_host();
  return true;
}

}  // namespace kiln::runner
