#include "runner/sandbox/folders.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fs.h"

namespace kiln::runner {
namespace {

Status make_owned(const std::filesystem::path& folder, unsigned uid) {
  if (Status made = make_directory(folder, 0700); !made) return made;
  if (geteuid() == 0 && lchown(folder.c_str(), uid, uid) != 0) {
    return fail(Errc::io, fmt::format("giving {} to uid {}: {}", folder.string(), uid, std::strerror(errno)));
  }
  return {};
}

}  // namespace

Status make_build_folders(const std::filesystem::path& build_folder, unsigned uid) {
  if (Status removed = remove_tree(build_folder); !removed) return removed;
  if (Status made = make_directory(build_folder, 0700); !made) return made;
  return fill_build_folder(build_folder, uid);
}

Status fill_build_folder(const std::filesystem::path& build_folder, unsigned uid) {
  // home/repo is where the checkout is mounted: made here, so that it too belongs to the build. The folders
  // of the checkout's own repository spare it a process.
  for (const char* name : {"tmp", "home", "home/repo", "repo", "repo/.git", "repo/.git/objects",
                           "repo/.git/objects/info", "repo/.git/refs", "repo/.git/refs/heads",
                           "repo/.git/refs/remotes", "repo/.git/refs/remotes/origin"}) {
    if (Status made = make_owned(build_folder / name, uid); !made) return made;
  }
  return {};
}

}  // namespace kiln::runner
