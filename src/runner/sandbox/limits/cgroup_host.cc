#include "runner/sandbox/limits/cgroup_host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <system_error>

#include "base/process_status.h"
#include "base/strings.h"
#include "runner/sandbox/limits/cgroup_files.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

// Where the server and the runner sit under v2, since a folder with controllers holds no processes itself.
constexpr const char* kSupervisor = "kiln-supervisor";
// Ours at the top of a v2 tree, for a runner that is root and whose own group holds strangers.
constexpr const char* kTopPlace = "kiln";

constexpr std::array<const char*, 3> kControllers{"memory", "pids", "cpu"};
constexpr int kRounds = 10;

struct Mount {
  std::string root;   // which part of the hierarchy is mounted
  std::string point;  // where
  bool v2 = false;
  std::set<std::string> controllers;  // v1
};

std::vector<Mount> read_mounts(const fs::path& file) {
  std::vector<Mount> mounts;
  for (const std::string& line : split(read_control(file).value_or(""), '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const std::vector<std::string> before = split(std::string_view(line).substr(0, dash), ' ');
    const std::vector<std::string> after = split(std::string_view(line).substr(dash + 3), ' ');
    if (before.size() < 5 || after.size() < 3) continue;
    if (after[0] != "cgroup" && after[0] != "cgroup2") continue;
    Mount mount{before[3], before[4], after[0] == "cgroup2", {}};
    for (std::string& option : split(after[2], ',')) mount.controllers.insert(std::move(option));
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

// Lines of "number:controllers:path"; v2 is the one without controllers.
std::map<std::string, std::string> read_own(const fs::path& file) {
  std::map<std::string, std::string> own;
  for (const std::string& line : split(read_control(file).value_or(""), '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string path = line.substr(second + 1);
    for (const std::string& name : split(line.substr(first + 1, second - first - 1), ',')) own[name] = path;
  }
  return own;
}

// Our own group's folder; the mount point where that is not below it (another cgroup namespace made it).
fs::path own_folder(const Mount& mount, std::string path) {
  if (mount.root != "/" && path.starts_with(mount.root)) path.erase(0, mount.root.size());
  if (path.empty() || path == "/") return mount.point;
  const fs::path folder = fs::path(mount.point) / fs::path(path).relative_path();
  std::error_code error;
  const bool outside = path.find("..") != std::string::npos || !fs::is_directory(folder, error);
  return outside ? fs::path(mount.point) : folder.lexically_normal();
}

std::string refusal(const std::string& controller, const fs::path& folder, const char* why) {
  return fmt::format("{}: {} cannot be used: {}", controller, folder.string(), why);
}

std::set<std::string> words_of(const fs::path& file) {
  std::set<std::string> words;
  const std::string text = read_control(file).value_or("");
  for (std::string& word : split(trim(text), ' ')) words.insert(std::move(word));
  return words;
}

// "+memory +pids": what to write to hand those down, as far as we use them.
std::string switches(const std::set<std::string>& offered) {
  std::string text;
  for (const char* name : kControllers) {
    if (offered.contains(name)) text += fmt::format("{}+{}", text.empty() ? "" : " ", name);
  }
  return text;
}

// What write_control() of those controllers would answer.
int would_switch_on(const fs::path& folder, const std::string& wanted) {
  const std::set<std::string> on = words_of(folder / "cgroup.subtree_control");
  const std::vector<std::string> names = split(wanted, ' ');
  if (std::all_of(names.begin(), names.end(),
                  [&](const std::string& name) { return on.contains(name.substr(1)); }))
    return 0;
  if (access((folder / "cgroup.subtree_control").c_str(), W_OK) != 0) return errno;
  // Only the machine's own root may hold processes beside groups, and it alone has no type.
  std::error_code error;
  const bool is_root = !fs::exists(folder / "cgroup.type", error);
  return is_root || read_processes(folder / "cgroup.procs").empty() ? 0 : EBUSY;
}

// Moves whoever is in `folder` into a leaf of it. The sentence that says why not, or nothing.
std::string clear(const fs::path& folder, const CgroupView& view) {
  const std::vector<int> processes = read_processes(folder / "cgroup.procs");
  for (const int process : processes) {
    if (view.is_ours(process)) continue;
    return fmt::format("{} holds other processes than kiln's, such as {}; {}", folder.string(), process,
                       kCgroupAdvice);
  }
  if (view.only_look) return {};
  const fs::path leaf = folder / kSupervisor;
  std::error_code error;
  fs::create_directory(leaf, error);
  if (error) return fmt::format("{} cannot be made: {}; {}", leaf.string(), error.message(), kCgroupAdvice);
  for (const int process : processes) {
    const int failed = write_control(leaf / "cgroup.procs", std::to_string(process));
    if (failed != 0 && failed != ESRCH) {
      return fmt::format("process {} cannot be moved to {}: {}; {}", process, leaf.string(),
                         std::strerror(failed), kCgroupAdvice);
    }
  }
  return {};
}

// Lets groups below `folder` use the controllers of `wanted` ("+memory +pids …"). The sentence that says why
// not, or nothing.
std::string hand_down(const fs::path& folder, const std::string& wanted, const CgroupView& view) {
  if (wanted.empty()) return {};
  const auto switch_on = [&] {
    if (view.only_look) return would_switch_on(folder, wanted);
    return write_control(folder / "cgroup.subtree_control", wanted);
  };
  int failed = switch_on();
  // Somebody who is forked while the others are moved is moved in the next round.
  for (int round = 0; failed == EBUSY && round < kRounds; ++round) {
    if (std::string why = clear(folder, view); !why.empty()) return "memory, pids and cpu: " + why;
    failed = view.only_look ? 0 : switch_on();
  }
  if (failed == 0) return {};
  return fmt::format("memory, pids and cpu: {}/cgroup.subtree_control cannot be written: {}; {}",
                     folder.string(), std::strerror(failed), kCgroupAdvice);
}

// A group of Kiln's at the top of the tree, beside what systemd keeps there: how a container engine without
// systemd's help goes about it. Only the machine's own root can do so; nothing otherwise.
std::optional<fs::path> top_place(const fs::path& top, const std::string& wanted, const CgroupView& view) {
  std::error_code error;
  // In a container the top is somebody's group, and has a type.
  if (fs::exists(top / "cgroup.type", error) || access((top / "cgroup.subtree_control").c_str(), W_OK) != 0)
    return std::nullopt;
  fs::path place = top / kTopPlace;
  if (view.only_look) return place;
  if (write_control(top / "cgroup.subtree_control", wanted) != 0) return std::nullopt;
  fs::create_directory(place, error);
  if (error || write_control(place / "cgroup.subtree_control", wanted) != 0) return std::nullopt;
  return place;
}

// True when this is a v2 machine, whatever comes of it.
bool find_v2(const CgroupView& view, const std::vector<Mount>& mounts, CgroupHost& host) {
  const auto mount = std::find_if(mounts.begin(), mounts.end(), [](const Mount& m) { return m.v2; });
  if (mount == mounts.end()) return false;
  fs::path folder = own_folder(*mount, read_own(view.own_cgroups)[""]);
  if (folder.filename() == kSupervisor) folder = folder.parent_path();
  const std::set<std::string> top_offers = words_of(fs::path(mount->point) / "cgroup.controllers");
  std::set<std::string> offered = words_of(folder / "cgroup.controllers");
  // Beside v1 there may be a v2 tree without controllers: that is a v1 machine.
  const bool has_v1 = std::any_of(mounts.begin(), mounts.end(), [](const Mount& m) { return !m.v2; });
  if (has_v1 && !offered.contains("memory") && !offered.contains("pids")) return false;
  const std::string wanted = switches(offered);
  if (std::string why = hand_down(folder, wanted, view); !why.empty() || wanted.empty()) {
    const std::optional<fs::path> place =
        folder == mount->point ? std::nullopt : top_place(mount->point, switches(top_offers), view);
    if (place) {
      folder = *place;
      offered = top_offers;
    } else if (!why.empty()) {
      host.missing.push_back(std::move(why));
      return true;
    }
  }
  for (const char* name : kControllers) {
    if (offered.contains(name)) {
      host.places[name] = folder;
    } else {
      host.missing.push_back(refusal(name, folder, "its parent does not hand this controller down"));
    }
  }
  if (!host.places.empty()) host.kind = CgroupHost::Kind::v2;
  return true;
}

void find_v1(const CgroupView& view, const std::vector<Mount>& mounts, CgroupHost& host) {
  std::map<std::string, std::string> own = read_own(view.own_cgroups);
  for (const char* name : {"memory", "pids", "cpu", "cpuacct"}) {
    const auto mount = std::find_if(mounts.begin(), mounts.end(),
                                    [&](const Mount& m) { return !m.v2 && m.controllers.contains(name); });
    if (mount == mounts.end()) {
      host.missing.push_back(fmt::format("{}: this machine has no such cgroup", name));
      continue;
    }
    const fs::path folder = own_folder(*mount, own[name]);
    if (access(folder.c_str(), W_OK) != 0) {
      host.missing.push_back(refusal(name, folder, std::strerror(errno)));
      continue;
    }
    host.places[name] = folder;
  }
  if (!host.places.empty()) host.kind = CgroupHost::Kind::v1;
}

}  // namespace

CgroupView system_cgroups() {
  CgroupView view;
  // Ourselves, and the server that started us with what else it started (Workers' processes).
  view.is_ours = [](pid_t process) {
    const pid_t server = getppid();
    for (pid_t at = process; at > 1; at = parent_of(at)) {
      if (at == getpid() || at == server) return true;
    }
    return false;
  };
  return view;
}

CgroupHost find_cgroups(const CgroupView& view) {
  CgroupHost host;
  const std::vector<Mount> mounts = read_mounts(view.mounts);
  if (mounts.empty()) {
    host.missing.emplace_back("memory, pids and cpu: no cgroup file system is mounted");
  } else if (!find_v2(view, mounts, host)) {
    find_v1(view, mounts, host);
  }
  return host;
}

}  // namespace kiln::runner
