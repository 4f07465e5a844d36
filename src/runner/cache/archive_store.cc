#include "runner/cache/archive_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <system_error>
#include <tuple>

#include "base/log.h"
#include "runner/cache/archive_names.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;
using model::CacheTrust;

constexpr const char* kLent = ".lent";
constexpr std::string_view kPart = ".part-";

Error io_error(const fs::path& path) {
  return {errc_of(errno), fmt::format("{}: {}", path.string(), std::strerror(errno)), {}};
}

std::vector<CacheTrust> readable_levels(CacheTrust trust) {
  if (trust == CacheTrust::branch) return {CacheTrust::branch, CacheTrust::production};
  return {trust};
}

fs::path level_of(const CachePlace& place, CacheTrust trust) {
  return worker_folder_of(place) / folder_name_of(place) / std::string(to_string(trust));
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    entries.push_back(entry->path());
  return entries;
}

struct KeptFile {
  fs::path file;
  ArchiveName name;
  TimeMs read_on = 0;
  std::uint64_t size = 0;
  bool is_lent = false;
};

std::vector<KeptFile> archives_in(const fs::path& level) {
  std::vector<KeptFile> found;
  for (const fs::path& file : entries_of(level)) {
    const auto name = parse_file_name(file.filename().string());
    struct stat facts {};
    if (!name || lstat(file.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
    found.push_back({file, *name, TimeMs{facts.st_mtim.tv_sec} * 1000 + facts.st_mtim.tv_nsec / 1'000'000,
                     static_cast<std::uint64_t>(facts.st_size), facts.st_nlink > 1});
  }
  return found;
}

std::vector<KeptFile> archives_of(const fs::path& worker) {
  std::vector<KeptFile> all;
  for (const fs::path& trigger : entries_of(worker)) {
    for (const fs::path& level : entries_of(trigger)) {
      for (KeptFile& kept : archives_in(level)) all.push_back(std::move(kept));
    }
  }
  return all;
}

// A fork's before others, then the least recently read.
bool is_missed_less(const KeptFile& a, const KeptFile& b) {
  const auto rank = [](const KeptFile& kept) {
    const bool of_a_fork = kept.file.parent_path().filename() == std::string(to_string(CacheTrust::fork));
    return std::tuple(!of_a_fork, kept.read_on);
  };
  return rank(a) < rank(b);
}

// The file's time is that of its last read.
void mark_read(const fs::path& file, TimeMs now) {
  const timespec time{now / 1000, (now % 1000) * 1'000'000};
  const std::array<timespec, 2> times{time, time};
  (void)utimensat(AT_FDCWD, file.c_str(), times.data(), AT_SYMLINK_NOFOLLOW);
}

void remove_file(const fs::path& file) {
  if (unlink(file.c_str()) != 0 && errno != ENOENT)
    log::warn("a build cache stays reason={}", log::quoted(io_error(file).message));
}

void remove_folder(const fs::path& folder) {
  if (const Status removed = remove_tree(folder); !removed)
    log::warn("build caches stay reason={}", log::quoted(removed.error().message));
}

}  // namespace

CachePlace cache_place_of(const model::JobSpec& job) {
  return {job.worker_tag, job.trigger_uuid, job.cache_epoch, job.cache_trust};
}

IncomingArchive::IncomingArchive(fs::path part, fs::path target, std::uint64_t most)
    : part_(std::move(part)),
      target_(std::move(target)),
      most_(most),
      file_(open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) {
  if (!file_) status_ = tl::unexpected<Error>(io_error(part_));
}

IncomingArchive::~IncomingArchive() {
  file_.reset();
  if (!part_.empty()) remove_file(part_);
}

void IncomingArchive::append(std::string_view bytes) {
  if (!status_) return;
  size_ += bytes.size();
  if (size_ > most_) {
    status_ = fail(Errc::too_large, fmt::format("it is larger than {} MB", most_ / 1'000'000));
    return;
  }
  status_ = write_all(file_, bytes, part_);
}

Status ArchiveStore::open() {
  if (Status made = make_directory(root_, 0700); !made) return made;
  remove_folder(root_ / kLent);
  if (Status made = make_directory(root_ / kLent, 0711); !made) return made;
  for (const fs::path& worker : entries_of(root_)) {
    for (const fs::path& trigger : entries_of(worker)) {
      for (const fs::path& level : entries_of(trigger)) {
        for (const fs::path& file : entries_of(level)) {
          if (file.filename().string().starts_with(kPart)) remove_file(file);
        }
      }
    }
  }
  return {};
}

Result<fs::path> ArchiveStore::make_lending_folder(const std::string& build) {
  const fs::path folder = root_ / kLent / build;
  if (Status made = make_directory(folder, 0755); !made) return tl::unexpected<Error>(made.error());
  return folder;
}

void ArchiveStore::remove_lending_folder(const std::string& build) {
  remove_folder(root_ / kLent / build);
}

std::optional<LentArchive> ArchiveStore::lend(const CachePlace& place, const std::string& kind,
                                              const fs::path& folder) {
  const std::lock_guard lock(mutex_);
  const TimeMs now = clock_.now();
  for (const CacheTrust level : readable_levels(place.trust)) {
    std::optional<KeptFile> newest;
    for (KeptFile& kept : archives_in(root_ / level_of(place, level))) {
      const bool fits = kept.name.kind == kind && kept.read_on + limits_.keep_ms > now;
      if (fits && (!newest || newest->read_on < kept.read_on)) newest = std::move(kept);
    }
    if (!newest || link(newest->file.c_str(), (folder / kind).c_str()) != 0) continue;
    mark_read(newest->file, now);
    std::error_code ignored;
    const std::uintmax_t bytes = fs::file_size(newest->file, ignored);
    return LentArchive{newest->name, level == place.trust, ignored ? 0 : bytes};
  }
  return std::nullopt;
}

void ArchiveStore::drop(const CachePlace& place, const std::string& kind) {
  const std::lock_guard lock(mutex_);
  for (const KeptFile& kept : archives_in(root_ / level_of(place, place.trust))) {
    if (kept.name.kind == kind) remove_file(kept.file);
  }
}

Result<std::unique_ptr<IncomingArchive>> ArchiveStore::begin(const CachePlace& place,
                                                             const ArchiveName& name) {
  const std::lock_guard lock(mutex_);
  const fs::path level = root_ / level_of(place, place.trust);
  if (Status made = make_directory(level, 0700); !made) return tl::unexpected<Error>(made.error());
  auto archive = std::make_unique<IncomingArchive>(level / fmt::format("{}{}", kPart, ++parts_),
                                                   level / file_name_of(name), limits_.bytes_per_worker);
  if (!archive->status()) return tl::unexpected<Error>(archive->status().error());
  return archive;
}

Status ArchiveStore::commit(const CachePlace& place, const ArchiveName& name, IncomingArchive& archive) {
  if (!archive.status()) return archive.status();
  if (fsync(archive.file_.get()) != 0) return tl::unexpected<Error>(io_error(archive.part_));
  mark_read(archive.part_, clock_.now());
  const std::lock_guard lock(mutex_);
  if (rename(archive.part_.c_str(), archive.target_.c_str()) != 0)
    return tl::unexpected<Error>(io_error(archive.target_));
  archive.part_.clear();
  for (const KeptFile& kept : archives_in(archive.target_.parent_path())) {
    if (kept.name.kind == name.kind && kept.file != archive.target_) remove_file(kept.file);
  }
  keep_within_limit(root_ / worker_folder_of(place));
  return {};
}

// Under mutex_.
void ArchiveStore::keep_within_limit(const fs::path& worker) {
  std::vector<KeptFile> all = archives_of(worker);
  std::uint64_t total = 0;
  for (const KeptFile& kept : all) total += kept.size;
  std::sort(all.begin(), all.end(), is_missed_less);
  for (const KeptFile& kept : all) {
    if (total <= limits_.bytes_per_worker) return;
    remove_file(kept.file);
    total -= kept.size;
  }
}

bool ArchiveStore::give_up_one() {
  const std::lock_guard lock(mutex_);
  std::optional<KeptFile> least;
  for (const fs::path& worker : entries_of(root_)) {
    if (worker.filename() == kLent) continue;
    for (KeptFile& kept : archives_of(worker)) {
      if (!kept.is_lent && (!least || is_missed_less(kept, *least))) least = std::move(kept);
    }
  }
  return least && unlink(least->file.c_str()) == 0;
}

void ArchiveStore::sweep_old() {
  const std::lock_guard lock(mutex_);
  const TimeMs now = clock_.now();
  std::error_code ignored;
  for (const fs::path& worker : entries_of(root_)) {
    if (worker.filename() == kLent) continue;
    for (const fs::path& trigger : entries_of(worker)) {
      for (const fs::path& level : entries_of(trigger)) {
        for (const KeptFile& kept : archives_in(level)) {
          if (kept.read_on + limits_.keep_ms <= now) remove_file(kept.file);
        }
        fs::remove(level, ignored);  // only when it is empty, like the folders above
      }
      fs::remove(trigger, ignored);
    }
    fs::remove(worker, ignored);
  }
}

std::vector<Uuid> ArchiveStore::triggers(std::size_t most) const {
  const std::lock_guard lock(mutex_);
  std::set<Uuid> found;
  for (const fs::path& worker : entries_of(root_)) {
    for (const fs::path& trigger : entries_of(worker)) {
      const auto name = parse_folder_name(trigger.filename().string());
      if (name && found.size() < most) found.insert(name->first);
    }
  }
  return {found.begin(), found.end()};
}

void ArchiveStore::sweep_purged(const std::vector<Uuid>& asked, const std::map<Uuid, std::int64_t>& epochs) {
  const std::lock_guard lock(mutex_);
  for (const fs::path& worker : entries_of(root_)) {
    for (const fs::path& trigger : entries_of(worker)) {
      const auto name = parse_folder_name(trigger.filename().string());
      if (!name || std::find(asked.begin(), asked.end(), name->first) == asked.end()) continue;
      const auto present = epochs.find(name->first);
      if (present == epochs.end() || name->second < present->second) remove_folder(trigger);
    }
  }
}

}  // namespace kiln::runner
