#include "runner/sandbox/limits/disk_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/fs.h"

namespace kiln::runner {
namespace {

constexpr int kMostSkipped = 5;
constexpr std::size_t kPathPiece = PATH_MAX - 1;

struct Close {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, Close>;

Fd open_below(int folder, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  return Fd(static_cast<int>(syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how)));
}

// A path may be longer than one call takes.
Folder open_folder(int root, std::string_view path) {
  Fd at = open_below(root, ".");
  while (at && !path.empty()) {
    std::size_t end = path.size();
    if (end > kPathPiece) end = path.rfind('/', kPathPiece);
    at = open_below(at.get(), std::string(path.substr(0, end)));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  if (!at) return nullptr;
  DIR* opened = fdopendir(at.get());
  if (opened != nullptr) at.release();
  return Folder(opened);
}

std::uint64_t used_on(const std::filesystem::path& folder) {
  struct statvfs system {};
  if (statvfs(folder.c_str(), &system) != 0) return 0;
  return (system.f_blocks - system.f_bfree) * system.f_frsize;
}

// The folders still to be read: of each level from the root to where we are.
struct Level {
  std::size_t path_size = 0;
  std::vector<std::string> folders;
};

}  // namespace

TreeSize tree_size(const std::filesystem::path& root, std::uint64_t most_entries) {
  TreeSize size;
  const Fd top(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!top) return size;
  std::unordered_set<std::uint64_t> linked;  // files with several names that were counted
  std::string path;
  std::vector<Level> levels;
  const auto read_level = [&] {
    Level level{path.size(), {}};
    const Folder folder = open_folder(top.get(), path);
    while (const dirent* entry = folder ? readdir(folder.get()) : nullptr) {
      const std::string name = entry->d_name;
      struct stat is {};
      if (name == "." || name == ".." ||
          fstatat(dirfd(folder.get()), name.c_str(), &is, AT_SYMLINK_NOFOLLOW) != 0)
        continue;
      if (++size.entries >= most_entries) break;
      const bool once = S_ISDIR(is.st_mode) || is.st_nlink < 2 || linked.insert(is.st_ino).second;
      if (once) size.bytes += static_cast<std::uint64_t>(is.st_blocks) * 512;
      if (S_ISDIR(is.st_mode)) level.folders.push_back(name);
    }
    levels.push_back(std::move(level));
  };
  read_level();
  while (!levels.empty() && size.entries < most_entries) {
    Level& level = levels.back();
    path.resize(level.path_size);
    if (level.folders.empty()) {
      levels.pop_back();
      continue;
    }
    if (!path.empty()) path += '/';
    path += level.folders.back();
    level.folders.pop_back();
    read_level();
  }
  return size;
}

DiskWatch::DiskWatch(std::filesystem::path folder, std::uint64_t most_bytes, std::uint64_t most_entries,
                     std::chrono::milliseconds interval, std::function<void()> on_over)
    : folder_(std::move(folder)),
      most_bytes_(most_bytes),
      most_entries_(most_entries),
      interval_(interval),
      on_over_(std::move(on_over)),
      used_before_(used_on(folder_)),
      thread_([this] { watch(); }) {}

DiskWatch::~DiskWatch() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void DiskWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval_, [this] { return ending_; })) {
    lock.unlock();
    if (is_over()) return on_over_();
    lock.lock();
  }
}

// Reading the tree costs a second for 100,000 files: while the file system as a whole has hardly grown, a
// look at it now and then is enough.
bool DiskWatch::is_over() {
  const std::uint64_t used = used_on(folder_);
  const bool grew = used > used_before_ && used - used_before_ >= most_bytes_ / 2;
  if (!grew && ++skipped_ < kMostSkipped) return false;
  skipped_ = 0;
  const TreeSize size = tree_size(folder_, most_entries_);
  return size.bytes > most_bytes_ || size.entries >= most_entries_;
}

}  // namespace kiln::runner
