#include "runner/sandbox/limits/cgroup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

#include "runner/sandbox/limits/cgroup_files.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;
using Kind = CgroupHost::Kind;

constexpr int kPeriodUs = 100'000;
constexpr std::chrono::milliseconds kGroupPatience{10'000};  // the kernel needs well under a second
constexpr std::chrono::milliseconds kLookAtGroup{2};         // v1 tells nobody that a group became empty

struct Setting {
  std::string file;
  std::string value;
  bool needed = true;  // else: not every kernel has it
};

std::vector<Setting> settings(Kind kind, const std::string& controller, const Limits& limits) {
  const bool v2 = kind == Kind::v2;
  const std::string memory = std::to_string(limits.memory);
  const auto quota = static_cast<std::int64_t>(limits.cpus * kPeriodUs);
  if (controller == "memory" && v2) {
    return {{"memory.max", memory}, {"memory.swap.max", "0", false}, {"memory.oom.group", "1", false}};
  }
  if (controller == "memory") {
    return {{"memory.limit_in_bytes", memory},
            {"memory.swappiness", "0", false},
            {"memory.memsw.limit_in_bytes", memory, false}};
  }
  if (controller == "pids") return {{"pids.max", std::to_string(limits.processes)}};
  if (controller != "cpu" || quota <= 0) return {};
  if (v2) return {{"cpu.max", fmt::format("{} {}", quota, kPeriodUs)}};
  return {{"cpu.cfs_period_us", std::to_string(kPeriodUs)}, {"cpu.cfs_quota_us", std::to_string(quota)}};
}

Status write_settings(const fs::path& folder, const std::vector<Setting>& wanted) {
  for (const Setting& setting : wanted) {
    const int failed = write_control(folder / setting.file, setting.value);
    if (failed == 0 || !setting.needed) continue;
    return fail(Errc::io, fmt::format("writing {} to {}: {}", setting.value, (folder / setting.file).string(),
                                      std::strerror(failed)));
  }
  return {};
}

void kill_all_in(const fs::path& folder) {
  if (write_control(folder / "cgroup.kill", "1") == 0) return;
  for (const int process : read_processes(folder / "cgroup.procs")) ::kill(process, SIGKILL);
}

bool empty_in_time(const fs::path& folder, std::chrono::milliseconds at_most, bool killing) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (true) {
    if (killing) kill_all_in(folder);
    if (read_processes(folder / "cgroup.procs").empty()) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kLookAtGroup);
  }
}

}  // namespace

Result<std::unique_ptr<Cgroup>> Cgroup::make(const CgroupHost& host, const std::string& name,
                                             const Limits& limits) {
  std::unique_ptr<Cgroup> made(new Cgroup);
  made->kind_ = host.kind;
  std::set<fs::path> seen;
  for (const auto& [controller, place] : host.places) {
    const fs::path folder = place / name;
    const bool is_new = seen.insert(folder).second;
    if (is_new && mkdir(folder.c_str(), 0755) != 0) {
      return fail(Errc::io, fmt::format("making the cgroup {}: {}", folder.string(), std::strerror(errno)));
    }
    made->folders_[controller] = folder;
    if (Status done = write_settings(folder, settings(host.kind, controller, limits)); !done) {
      return tl::unexpected<Error>(done.error());
    }
    if (!is_new) continue;
    Fd door(open((folder / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!door) return fail(Errc::io, fmt::format("opening {}: {}", folder.string(), std::strerror(errno)));
    made->doors_.push_back(std::move(door));
  }
  return made;
}

std::vector<int> Cgroup::doors() const {
  std::vector<int> numbers;
  numbers.reserve(doors_.size());
  for (const Fd& door : doors_) numbers.push_back(door.get());
  return numbers;
}

fs::path Cgroup::in(const char* controller, const char* file) const {
  const auto found = folders_.find(controller);
  return found == folders_.end() ? fs::path() : found->second / file;
}

CgroupCounts Cgroup::counts() const {
  CgroupCounts counts;
  if (kind_ == Kind::v2) {
    counts.memory_peak = read_number(in("memory", "memory.peak"));
    counts.memory_kills = read_entry(in("memory", "memory.events"), "oom_kill").value_or(0);
    counts.cpu_us = read_entry(in("cpu", "cpu.stat"), "usage_usec");
  } else {
    counts.memory_peak = read_number(in("memory", "memory.max_usage_in_bytes"));
    counts.memory_kills = read_entry(in("memory", "memory.oom_control"), "oom_kill").value_or(0);
    if (const auto nanoseconds = read_number(in("cpuacct", "cpuacct.usage")))
      counts.cpu_us = *nanoseconds / 1'000;
  }
  counts.processes_peak = read_number(in("pids", "pids.peak"));
  counts.forks_refused = read_entry(in("pids", "pids.events"), "max").value_or(0);
  return counts;
}

void Cgroup::kill() const {
  for (const auto& [controller, folder] : folders_) kill_all_in(folder);
}

bool Cgroup::wait_until_empty(std::chrono::milliseconds at_most) const {
  for (const auto& [controller, folder] : folders_) {
    if (!empty_in_time(folder, at_most, false)) return false;
  }
  return true;
}

Status Cgroup::remove() {
  Status result;
  doors_.clear();
  for (const auto& [controller, folder] : folders_) {
    if (Status ended = end_cgroup(folder); !ended && result) result = ended;
  }
  folders_.clear();
  return result;
}

Status end_cgroup(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (!entry->is_directory(error)) continue;
    if (Status ended = end_cgroup(entry->path()); !ended) return ended;
  }
  const auto deadline = std::chrono::steady_clock::now() + kGroupPatience;
  while (rmdir(folder.c_str()) != 0) {
    if (errno == ENOENT) return {};
    const int failed = errno;
    const bool in_time = failed == EBUSY && std::chrono::steady_clock::now() < deadline;
    if (!in_time || !empty_in_time(folder, kGroupPatience, true)) {
      return fail(Errc::io,
                  fmt::format("removing the cgroup {}: {}", folder.string(), std::strerror(failed)));
    }
    // Empty to look at, but the last one is still on its way out.
    if (rmdir(folder.c_str()) == 0) return {};
    std::this_thread::sleep_for(kLookAtGroup);
  }
  return {};
}

Result<int> sweep_cgroups(const std::set<fs::path>& places, const std::string& prefix) {
  int count = 0;
  for (const fs::path& place : places) {
    std::error_code error;
    std::vector<fs::path> left;
    for (fs::directory_iterator entry(place, error), end; !error && entry != end; entry.increment(error)) {
      if (entry->path().filename().native().starts_with(prefix)) left.push_back(entry->path());
    }
    for (const fs::path& folder : left) {
      if (Status ended = end_cgroup(folder); !ended) return tl::unexpected<Error>(ended.error());
      ++count;
    }
  }
  return count;
}

}  // namespace kiln::runner
