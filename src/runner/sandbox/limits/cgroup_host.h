// Which cgroups this machine lets us use, and where below them our builds go. Found once, before the first
// build; the value is then read by any thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace kiln::runner {

// Where to look. A test gives files of its own.
struct CgroupView {
  std::filesystem::path own_cgroups = "/proc/self/cgroup";
  std::filesystem::path mounts = "/proc/self/mountinfo";
  // Whether we may move this process into a leaf beside the builds: ourselves, who started us, what that
  // started.
  std::function<bool(pid_t)> is_ours;
  // Find out what would work and change nothing.
  bool only_look = false;
};

[[nodiscard]] CgroupView system_cgroups();

// What to do where the limits cannot be enforced, for people.
inline constexpr const char* kCgroupAdvice =
    "run kiln as a systemd service with Delegate=cpu memory pids, behind `systemd-run --user --scope -p "
    "Delegate=yes`, or as root";

struct CgroupHost {
  enum class Kind { none, v1, v2 };
  Kind kind = Kind::none;
  // Controller ("memory", "pids", "cpu", "cpuacct") → the folder that a build's own is made in. Under v2 all
  // are the same folder.
  std::map<std::string, std::filesystem::path> places;
  // One sentence for each limit that cannot be enforced: which controller, what refused, what to do.
  std::vector<std::string> missing;

  [[nodiscard]] bool has(const std::string& controller) const { return places.contains(controller); }
};

// v2 where its controllers are ours, else v1, else none. Under v2 this may move us (and who started us) into
// a leaf and switch controllers on for the builds; for root whose own group holds strangers (a login's
// session), it makes a group "kiln" at the top of the tree instead, which stays.
[[nodiscard]] CgroupHost find_cgroups(const CgroupView& view);

}  // namespace kiln::runner
