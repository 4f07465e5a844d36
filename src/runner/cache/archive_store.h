// The build caches that this machine keeps, as files: <root>/<worker tag>/<trigger>-<epoch>/<trust>/ holds
// one archive a kind. The store never looks into an archive: they are made and unpacked inside sandboxes. A
// build sees only what was lent to it, as a hard link in a folder of its own, so that no archive vanishes
// while it is read and no build reads another level's.
//
// Owned by the runner's service, shared by its job threads: all methods from any thread. The folder belongs
// to one runner process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"
#include "model/job.h"

namespace kiln::runner {

struct CacheLimits {
  TimeMs keep_ms = TimeMs{7} * 24 * 60 * 60'000;  // after the last read
  std::uint64_t bytes_per_worker = std::uint64_t{10} << 30U;
};

// Whose caches: of one trigger of one Worker, since its last purge.
struct CachePlace {
  std::string worker_tag;
  Uuid trigger;
  std::int64_t epoch = 0;
  model::CacheTrust trust = model::CacheTrust::fork;
};
[[nodiscard]] CachePlace cache_place_of(const model::JobSpec& job);

// What an archive holds. `kind` is made of letters, digits, '-' and '.'.
struct ArchiveName {
  std::string kind;     // "dependencies-npm": what another kind's build cannot use
  std::string content;  // hex digits: equal content need not be saved again; empty: not known
  int generation = 0;   // saves since the cache began empty: package managers add and never remove
};

struct LentArchive {
  ArchiveName name;
  bool own_level = false;
  std::uint64_t bytes = 0;  // of the archive as it is kept
};

// A new archive while it is being written. Thrown away unless it is committed. One thread.
class IncomingArchive {
 public:
  IncomingArchive(std::filesystem::path part, std::filesystem::path target, std::uint64_t most);
  ~IncomingArchive();
  IncomingArchive(const IncomingArchive&) = delete;
  IncomingArchive& operator=(const IncomingArchive&) = delete;

  void append(std::string_view bytes);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // What went wrong so far. Errors: Errc::io, Errc::too_large.
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  friend class ArchiveStore;
  std::filesystem::path part_;
  std::filesystem::path target_;
  std::uint64_t most_;
  std::uint64_t size_ = 0;
  Fd file_;
  Status status_;
};

class ArchiveStore {
 public:
  ArchiveStore(const Clock& clock, std::filesystem::path root, CacheLimits limits)
      : clock_(clock), root_(std::move(root)), limits_(limits) {}

  // Makes the folder and removes what a killed runner left half done. Before any other call.
  [[nodiscard]] Status open();

  // An empty folder for what one build is lent; `build` is a plain file name. Errors: Errc::io.
  [[nodiscard]] Result<std::filesystem::path> make_lending_folder(const std::string& build);
  void remove_lending_folder(const std::string& build);

  // The newest archive of `kind` that a build of this level may read, as the file `kind` in `folder`. It
  // counts as read now. Nothing: there is none.
  [[nodiscard]] std::optional<LentArchive> lend(const CachePlace& place, const std::string& kind,
                                                const std::filesystem::path& folder);
  // Removes what the level itself has of `kind`: it turned out to be broken.
  void drop(const CachePlace& place, const std::string& kind);

  // Errors: Errc::io.
  [[nodiscard]] Result<std::unique_ptr<IncomingArchive>> begin(const CachePlace& place,
                                                               const ArchiveName& name);
  // Puts it in the place of the level's earlier one of that kind, then drops what is beyond the Worker's
  // limit: caches of forks first, then the least recently read.
  [[nodiscard]] Status commit(const CachePlace& place, const ArchiveName& name, IncomingArchive& archive);

  // Drops the one archive that is missed least: a fork's first, then the least recently read. One that a
  // build is reading stays, since dropping it would free nothing. False: there is none.
  bool give_up_one();
  // Drops archives that nobody read for keep_ms.
  void sweep_old();
  // Triggers of which anything is kept, at most `most`.
  [[nodiscard]] std::vector<Uuid> triggers(std::size_t most) const;
  // Drops, of the triggers `asked`, what is of an earlier epoch than in `epochs`, and all of a trigger that
  // is not in it.
  void sweep_purged(const std::vector<Uuid>& asked, const std::map<Uuid, std::int64_t>& epochs);

 private:
  void keep_within_limit(const std::filesystem::path& worker);

  const Clock& clock_;
  const std::filesystem::path root_;
  const CacheLimits limits_;
  mutable std::mutex mutex_;
  std::uint64_t parts_ = 0;
};

}  // namespace kiln::runner
