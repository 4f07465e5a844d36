#include "runner/tools/tool_shelf.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/log.h"
#include "base/sizes.h"
#include "runner/sandbox/limits/disk_watch.h"
#include "runner/tools/version.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUse = ".use";
constexpr std::array kFetchedKinds{"node", "npm", "pnpm", "yarn", "bun"};
constexpr std::uint64_t kMostFilesOfATool = 10'000'000;

// The lock belongs to the open file, not to the process: two builds of one runner are two users.
bool lock(const Fd& file, short kind, bool wait) {
  struct flock wish {};
  wish.l_type = kind;
  wish.l_whence = SEEK_SET;
  int done = 0;
  do {
    done = fcntl(file.get(), wait ? F_OFD_SETLKW : F_OFD_SETLK, &wish);
  } while (done != 0 && errno == EINTR);
  return done == 0;
}

std::string flat(std::string folder) {
  std::replace(folder.begin(), folder.end(), '/', '-');
  return folder;
}

struct Fetched {
  std::string folder;  // "node/22.1.0"
  TimeMs used_on = 0;
};

TimeMs time_of(const fs::path& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) return 0;
  return TimeMs{facts.st_mtim.tv_sec} * 1000 + facts.st_mtim.tv_nsec / 1'000'000;
}

// The least recently used first. A version that nobody used yet counts from when it was put there.
std::vector<Fetched> fetched_in(const fs::path& root) {
  std::vector<Fetched> found;
  std::error_code error;
  const std::string chosen = fs::read_symlink(root / "node" / "default", error).filename().string();
  for (const char* kind : kFetchedKinds) {
    for (fs::directory_iterator entry(root / kind, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      std::error_code ignored;
      const bool is_version = Version::parse(name) && !entry->is_symlink(ignored);
      if (!is_version || (kind == std::string_view("node") && name == chosen)) continue;
      std::string folder = fmt::format("{}/{}", kind, name);
      const TimeMs used = time_of(root / kUse / flat(folder));
      found.push_back({std::move(folder), used != 0 ? used : time_of(entry->path())});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Fetched& a, const Fetched& b) { return a.used_on < b.used_on; });
  return found;
}

}  // namespace

Fd ToolShelf::lock_file(const std::string& folder) const {
  std::error_code ignored;
  if (!fs::exists(root_ / kUse, ignored) && !make_directory(root_ / kUse, 0755)) return {};
  return Fd(open((root_ / kUse / flat(folder)).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
}

std::shared_ptr<const Fd> ToolShelf::hold(const std::string& folder) {
  Fd file = lock_file(folder);
  // Without a lock it may be used all the same: a tool cache that this user may only read is never swept.
  const bool locked = file && lock(file, F_RDLCK, true);
  std::error_code ignored;
  if (!fs::exists(root_ / folder / "bin", ignored)) return nullptr;
  if (locked) {
    const TimeMs now = clock_.now();
    const timespec time{now / 1000, (now % 1000) * 1'000'000};
    const std::array<timespec, 2> times{time, time};
    (void)futimens(file.get(), times.data());
  }
  return std::make_shared<const Fd>(std::move(file));
}

// Moved out of sight while nobody can begin to use it, then removed; a crash between leaves what sweep()
// removes.
bool ToolShelf::remove_unused(const std::string& folder) {
  Fd file = lock_file(folder);
  if (!file || !lock(file, F_WRLCK, false)) return false;
  const fs::path going = root_ / fmt::format("{}gone-{}-{}-{}", kMaking, flat(folder), ++removals_, getpid());
  std::error_code error;
  fs::rename(root_ / folder, going, error);
  if (error) return false;
  file.reset();
  if (const Status removed = remove_tree(going); !removed)
    log::warn("half a tool stays behind reason={}", log::quoted(removed.error().message));
  log::info("tool={} removed: nobody has used it for longest", folder);
  return true;
}

std::shared_ptr<const Fd> ToolShelf::hold_downloads() {
  Fd file = lock_file(kNpmCache);
  if (file) (void)lock(file, F_RDLCK, true);
  return std::make_shared<const Fd>(std::move(file));
}

bool ToolShelf::remove_downloads() {
  std::error_code error;
  if (!fs::exists(root_ / kNpmCache, error)) return false;
  const Fd file = lock_file(kNpmCache);
  return file && lock(file, F_WRLCK, false) && remove_tree(root_ / kNpmCache).has_value();
}

bool ToolShelf::give_up_one() {
  const std::lock_guard guard(mutex_);
  if (remove_downloads()) return true;
  const std::vector<Fetched> all = fetched_in(root_);
  return std::any_of(all.begin(), all.end(),
                     [this](const Fetched& one) { return remove_unused(one.folder); });
}

void ToolShelf::keep_within_bound() {
  if (most_bytes_ == 0) return;
  const std::lock_guard guard(mutex_);
  const auto size_of = [this](const std::string& name) {
    return tree_size(root_ / name, kMostFilesOfATool).bytes;
  };
  std::uint64_t total = size_of(kNpmCache);
  std::vector<std::pair<Fetched, std::uint64_t>> all;
  for (Fetched& one : fetched_in(root_)) {
    const std::uint64_t size = size_of(one.folder);
    total += size;
    all.emplace_back(std::move(one), size);
  }
  if (total <= most_bytes_) return;
  const std::uint64_t downloads = size_of(kNpmCache);
  if (remove_downloads()) total -= downloads;
  for (const auto& [one, size] : all) {
    if (total <= most_bytes_) return;
    if (remove_unused(one.folder)) total -= size;
  }
  if (total > most_bytes_) {
    log::info("tools in use need {}, more than runner.tools_size = {}", size_words(total),
              size_words(most_bytes_));
  }
}

}  // namespace kiln::runner
