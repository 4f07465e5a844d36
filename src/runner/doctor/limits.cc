#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/fs.h"
#include "base/sizes.h"
#include "base/temp_folder.h"
#include "runner/doctor/doctor.h"
#include "runner/sandbox/limits/keeper.h"
#include "runner/service.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

// The nearest folder that is there.
fs::path nearest(fs::path folder) {
  std::error_code error;
  while (!fs::is_directory(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

// A folder to try limits in, on the builds' own file system where we may write there.
Result<TempFolder> make_ground(const fs::path& root) {
  constexpr const char* kind = "kiln-doctor";
  std::error_code error;
  if (fs::is_directory(root, error) && access(root.c_str(), W_OK | X_OK) == 0)
    return TempFolder::make(root, kind, 0700);
  const Result<fs::path> place = temporary_place();
  if (!place) return tl::unexpected<Error>(place.error());
  return TempFolder::make(*place, kind, 0700);
}

// Why the limit whose sentences begin with `name` is not enforced; empty: it is.
std::string why_not(const LimitKeeper& keeper, const std::string& name) {
  for (const std::string& sentence : keeper.unenforced()) {
    const std::string subject = sentence.substr(0, sentence.find(':'));
    if (subject.find(name) != std::string::npos) return sentence;
  }
  return {};
}

Row cgroups(const LimitKeeper& keeper) {
  Row row{.name = "cgroups", .means = "limits of memory, processes and CPU time hold, and usage is counted"};
  switch (keeper.cgroups().kind) {
    case CgroupHost::Kind::v2:
      row.found = "v2";
      return row;
    case CgroupHost::Kind::v1:
      row.found = "v1";
      return row;
    case CgroupHost::Kind::none:
      break;
  }
  row.health = Health::limited;
  row.found = "none that Kiln may use";
  row.means = "a build may take all of this machine's memory, processes and CPU time";
  row.todo = kCgroupAdvice;
  std::string why = why_not(keeper, "memory");
  if (why.ends_with("; " + row.todo)) why.resize(why.size() - row.todo.size() - 2);
  if (!why.empty()) row.means += fmt::format(" ({})", why);
  return row;
}

Row limit(const LimitKeeper& keeper, const std::string& controller, std::string name, std::string figure) {
  Row row{.name = std::move(name), .found = std::move(figure), .means = "enforced by the kernel"};
  const std::string why = why_not(keeper, controller);
  if (why.empty()) return row;
  row.health = Health::limited;
  const bool by_cgroups = controller != "disk" && keeper.cgroups().kind == CgroupHost::Kind::none;
  row.means = by_cgroups ? "not enforced, without cgroups" : "not enforced: " + why;
  row.todo = "see the row cgroups";
  return row;
}

Row disk(const LimitKeeper& keeper, const Limits& limits) {
  Row row{.name = "limit of disk"};
  const std::string figure = size_words(limits.disk);
  if (keeper.disk_mode() == DiskMode::loop) {
    row.found = fmt::format("{}, mode loop", figure);
    row.means = "each build has a disk of its own";
    return row;
  }
  row.health = Health::limited;
  row.found = keeper.disk_mode() == DiskMode::none ? "none" : fmt::format("{}, mode poll", figure);
  row.means = why_not(keeper, "disk");
  row.todo = limits.disk_mode == DiskMode::automatic
                 ? "for disks of their own: root, loop devices and e2fsprogs"
                 : "limits.disk_mode = \"auto\" in the settings";
  return row;
}

Row free_disk(const fs::path& root, const Limits& limits, std::uint64_t floor) {
  const fs::path place = nearest(root);
  Row row{.name = "free disk", .means = "for mirrors, caches and running builds", .essential = true};
  struct statvfs space {};
  if (statvfs(place.c_str(), &space) != 0) {
    row.health = Health::missing;
    row.found = fmt::format("{}: {}", place.string(), std::strerror(errno));
    row.todo = "make the data directory's file system readable";
    return row;
  }
  const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
  row.found = fmt::format("{} in {}", size_words(free), place.string());
  if (free >= std::max(limits.disk, floor)) return row;
  if (free < floor) {
    row.health = Health::missing;
    row.means = fmt::format("no build is taken below runner.min_free_disk = {}", size_words(floor));
    row.todo = "free space, or lower runner.min_free_disk";
    return row;
  }
  row.health = Health::limited;
  row.means = fmt::format("less than the {} that one build may use", size_words(limits.disk));
  row.todo = "free space, or lower limits.disk";
  return row;
}

void add_limits(const Options& options, const fs::path& ground, std::vector<Row>& rows) {
  LimitKeeper::Setup setup;
  setup.limits = limits_from(options.limits);
  setup.memory_by_default = !options.limits.memory;
  setup.root = ground;
  setup.builds = ground / "builds";
  setup.cgroups.only_look = true;
  Status made = make_directory(setup.builds, 0700);
  Result<std::unique_ptr<LimitKeeper>> opened =
      made ? LimitKeeper::open(setup) : tl::unexpected<Error>(made.error());
  if (!opened) {
    rows.push_back({.name = "limits",
                    .health = Health::missing,
                    .found = opened.error().message,
                    .means = "no build can run",
                    .todo = "change the [limits] of the settings, or what it says itself",
                    .essential = true});
    return;
  }
  const LimitKeeper& keeper = **opened;
  const Limits& limits = keeper.limits();
  rows.push_back(cgroups(keeper));
  rows.push_back(limit(keeper, "memory", "limit of memory", size_words(limits.memory)));
  rows.push_back(limit(keeper, "pids", "limit of processes", fmt::format("{}", limits.processes)));
  rows.push_back(
      limit(keeper, "cpu", "limit of CPU",
            limits.cpus > 0 ? fmt::format("{} cores", limits.cpus) : std::string("all, shared fairly")));
  rows.push_back(disk(keeper, limits));
}

}  // namespace

void examine_limits(const Options& options, std::vector<Row>& rows) {
  const Result<TempFolder> ground = make_ground(options.root);
  if (!ground) {
    rows.push_back({.name = "limits",
                    .health = Health::missing,
                    .found = "no folder can be made to try them in: " + ground.error().message,
                    .means = "no build can run",
                    .todo = "make the system's temporary folder writable",
                    .essential = true});
  } else {
    add_limits(options, ground->path(), rows);
  }
  rows.push_back(free_disk(options.root, limits_from(options.limits), options.min_free_disk));
}

}  // namespace kiln::runner
