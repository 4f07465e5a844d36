#include "runner/sandbox/lend.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/fs.h"
#include "base/strings.h"
#include "runner/sandbox/limits/cgroup_files.h"

namespace kiln::runner {

namespace fs = std::filesystem;

bool can_lend(const fs::path& disk) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  // No such mount: a kernel that knows the call says so.
  if (mount_setattr(-1, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0 || errno != EBADF)
    return false;
  bool shared = false;
  for (const std::string& line : split(read_control("/proc/self/mountinfo").value_or(""), '\n')) {
    const std::vector<std::string> words = split(line, ' ');
    if (words.size() > 6 && words[4] == disk.native()) shared = words[6].starts_with("shared:");
  }
  return shared;
}

Status lend_folder(const fs::path& folder, const fs::path& place) {
  const auto error = [&](const char* doing) {
    return fail(Errc::io,
                fmt::format("lending {} to a build: {}: {}", folder.string(), doing, std::strerror(errno)));
  };
  const Fd tree(open_tree(AT_FDCWD, folder.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!tree) return error("opening it");
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  // Before it is anywhere to be seen.
  if (mount_setattr(tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0)
    return error("making it read-only");
  if (move_mount(tree.get(), "", AT_FDCWD, place.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
    return error("mounting it");
  return {};
}

bool is_seen_at(const fs::path& folder, pid_t inside, const char* path) {
  struct stat ours {};
  struct stat theirs {};
  const std::string seen = fmt::format("/proc/{}/root{}", inside, path);
  return stat(folder.c_str(), &ours) == 0 && stat(seen.c_str(), &theirs) == 0 &&
         ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

}  // namespace kiln::runner
