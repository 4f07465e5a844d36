#include "base/temp_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace kiln {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRandom = 6;  // of mkdtemp

tl::unexpected<Error> folder_failed(const char* doing, const fs::path& path) {
  return fail(errc_of(errno), fmt::format("{} {}: {}", doing, path.string(), std::strerror(errno)));
}

// The lock on the folder that stands at `path` now, if it is this user's and nobody holds it. Between two
// looks at a name it may have come to mean another folder: then there is none.
Fd lock_folder(const fs::path& path) {
  Fd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat opened {};
  if (!folder || fstat(folder.get(), &opened) != 0 || opened.st_uid != geteuid()) return {};
  if (flock(folder.get(), LOCK_EX | LOCK_NB) != 0) return {};
  struct stat named {};
  if (lstat(path.c_str(), &named) != 0 || named.st_dev != opened.st_dev || named.st_ino != opened.st_ino)
    return {};
  return folder;
}

void remove_left_behind(const fs::path& place, const std::string& kind) {
  const std::string begin = kind + ".";
  std::error_code error;
  for (fs::directory_iterator entry(place, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(begin) || name.size() != begin.size() + kRandom) continue;
    if (const Fd lock = lock_folder(entry->path()); lock) (void)remove_tree(entry->path());
  }
}

}  // namespace

Result<fs::path> temporary_place() {
  std::error_code error;
  fs::path place = fs::temp_directory_path(error);
  if (error) {
    const char* named = std::getenv("TMPDIR");
    return fail(Errc::io, fmt::format("there is no temporary folder {} (TMPDIR): {}",
                                      named != nullptr ? named : "/tmp", error.message()));
  }
  return place;
}

Result<TempFolder> TempFolder::make(const fs::path& place, const std::string& kind, unsigned mode) {
  remove_left_behind(place, kind);
  // A folder that is not locked yet may be taken for one left behind: then another is made.
  constexpr int tries = 100;
  for (int i = 0; i < tries; ++i) {
    std::string path = (place / (kind + ".XXXXXX")).string();
    if (mkdtemp(path.data()) == nullptr) return folder_failed("making a folder", path);
    Fd lock = lock_folder(path);
    if (!lock) continue;
    TempFolder folder(path, std::move(lock));
    if (fchmod(folder.lock_.get(), mode) != 0) return folder_failed("setting the mode of", path);
    return folder;
  }
  return fail(Errc::io, fmt::format("no folder of ours stays in {}", place.string()));
}

TempFolder::~TempFolder() {
  if (lock_) (void)remove_tree(path_);
}

Status TempFolder::share_with_children() const {
  if (fcntl(lock_.get(), F_SETFD, 0) == 0) return {};
  return folder_failed("sharing", path_);
}

}  // namespace kiln
