#include "base/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace kiln {
namespace {

tl::unexpected<Error> system_error(const std::string& doing, const std::filesystem::path& path) {
  const int number = errno;
  return fail(number == ENOENT ? Errc::not_found : errc_of(number),
              fmt::format("{} {}: {}", doing, path.string(), std::strerror(number)));
}

Status sync_folder(const std::filesystem::path& folder) {
  const Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_error("opening", folder);
  if (fsync(fd.get()) != 0) return system_error("syncing", folder);
  return {};
}

// One open folder on the way down, and the name by which its parent knows it.
struct Level {
  DIR* dir;
  std::string name;
};

// Opens a sub-folder for emptying, giving ourselves the right to if hostile code took it away.
DIR* open_for_emptying(int parent, const char* name) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat(parent, name, flags);
  if (fd < 0 && errno == EACCES && fchmodat(parent, name, 0700, 0) == 0) fd = openat(parent, name, flags);
  if (fd < 0) return nullptr;
  struct stat info {};
  if (fstat(fd, &info) == 0 && (info.st_mode & 0700U) != 0700U) fchmod(fd, 0700);
  DIR* dir = fdopendir(fd);
  if (dir == nullptr) close(fd);
  return dir;
}

// A tree may be deeper than a process may have descriptors: below this depth folders are moved up to the top
// first.
constexpr std::size_t kDeepestOpen = 64;

// Moves a folder to a free name in the top folder. True when it is there.
bool raise_to_top(int parent, const std::string& name, int top, unsigned& number) {
  for (int tries = 0; tries < 1000; ++tries) {
    const std::string fresh = fmt::format(".kiln-removing-{}", ++number);
    if (renameat(parent, name.c_str(), top, fresh.c_str()) == 0) return true;
    if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) return false;
  }
  return false;
}

}  // namespace

Errc errc_of(int error_number) {
  return error_number == ENOSPC || error_number == EDQUOT ? Errc::disk_full : Errc::io;
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void Fd::reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Result<std::string> read_file(const std::filesystem::path& file, std::size_t max_bytes) {
  const Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error("opening", file);
  std::string out;
  std::string chunk(std::size_t{64} * 1024, '\0');
  while (true) {
    const ssize_t got = read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("reading", file);
    if (got == 0) return out;
    out.append(chunk, 0, static_cast<std::size_t>(got));
    if (out.size() > max_bytes) {
      return fail(Errc::too_large, fmt::format("{} is larger than {} bytes", file.string(), max_bytes));
    }
  }
}

Status write_file_durably(const std::filesystem::path& file, std::string_view bytes, unsigned mode) {
  std::string temporary = file.string() + ".XXXXXX";
  const Fd fd(mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return system_error("making a temporary beside", file);
  Status done = write_all(fd, bytes, temporary);
  if (done && fchmod(fd.get(), mode) != 0) done = system_error("setting the mode of", temporary);
  if (done && fdatasync(fd.get()) != 0) done = system_error("syncing", temporary);
  if (done && rename(temporary.c_str(), file.c_str()) != 0) done = system_error("renaming to", file);
  if (!done) {
    unlink(temporary.c_str());
    return done;
  }
  return sync_folder(file.has_parent_path() ? file.parent_path() : ".");
}

Status remove_file_durably(const std::filesystem::path& file) {
  if (unlink(file.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return system_error("removing", file);
  }
  return sync_folder(file.has_parent_path() ? file.parent_path() : ".");
}

Status check_room(const std::filesystem::path& folder, std::size_t bytes) {
  const Result<Fd> file = open_unnamed_file(folder);
  if (!file) return tl::unexpected<Error>(file.error());
  if (fallocate(file->get(), 0, 0, static_cast<off_t>(bytes)) == 0) return {};
  if (errno != EOPNOTSUPP) return system_error("making room for a file in", folder);
  struct statvfs disk {};
  if (fstatvfs(file->get(), &disk) != 0) return system_error("asking for the free space of", folder);
  if (disk.f_bavail * disk.f_frsize >= bytes) return {};
  errno = ENOSPC;
  return system_error("making room for a file in", folder);
}

Status make_directory(const std::filesystem::path& folder, unsigned mode) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail(errc_of(error.value()),
                fmt::format("making folder {}: {}", folder.string(), error.message()));
  if (chmod(folder.c_str(), mode) != 0) return system_error("setting the mode of", folder);
  return {};
}

Status remove_tree(const std::filesystem::path& root) {
  if (unlink(root.c_str()) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) return system_error("removing", root);
  DIR* top = open_for_emptying(AT_FDCWD, root.c_str());
  if (top == nullptr) return system_error("opening", root);
  std::vector<Level> levels;
  levels.push_back({top, {}});
  Status result;
  unsigned raised = 0;  // folders moved up to the top since it was last read from its start
  unsigned number = 0;
  while (!levels.empty()) {
    DIR* dir = levels.back().dir;
    if (const dirent* entry = readdir(dir); entry != nullptr) {
      const std::string name = entry->d_name;
      if (name == "." || name == ".." || unlinkat(dirfd(dir), name.c_str(), 0) == 0) continue;
      DIR* below = open_for_emptying(dirfd(dir), name.c_str());
      if (below == nullptr) {
        if (result) result = system_error("removing below", root / name);
      } else if (levels.size() < kDeepestOpen) {
        levels.push_back({below, name});
      } else {
        closedir(below);
        const bool moved = raise_to_top(dirfd(dir), name, dirfd(top), number);
        raised += moved ? 1 : 0;
        if (!moved && result) result = system_error("moving up from below", root / name);
      }
      continue;
    }
    if (levels.size() == 1 && raised > 0) {
      raised = 0;
      rewinddir(top);
      continue;
    }
    const std::string name = levels.back().name;
    closedir(dir);
    levels.pop_back();
    if (!levels.empty() && unlinkat(dirfd(levels.back().dir), name.c_str(), AT_REMOVEDIR) != 0 && result) {
      result = system_error("removing below", root / name);
    }
  }
  if (result && rmdir(root.c_str()) != 0 && errno != ENOENT) return system_error("removing", root);
  return result;
}

Status write_all(const Fd& to, std::string_view bytes, const std::filesystem::path& file) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(to.get(), bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return system_error("writing", file);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Fd open_without_links(const std::filesystem::path& path, int flags, const Fd& from) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS;
  const int folder = from ? from.get() : AT_FDCWD;
  return Fd(static_cast<int>(syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how)));
}

Result<Fd> open_unnamed_file(const std::filesystem::path& folder) {
  Fd file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_NOATIME, 0600));
  if (file) return file;
  // Not every kind of file system can; then it has a name for a moment.
  if (errno != EOPNOTSUPP && errno != EISDIR) return system_error("making a file in", folder);
  std::string name = (folder / ".kiln-XXXXXX").string();
  file = Fd(mkostemp(name.data(), O_CLOEXEC));
  if (!file) return system_error("making a file in", folder);
  if (unlink(name.c_str()) != 0) return system_error("unlinking", name);
  return file;
}

}  // namespace kiln
