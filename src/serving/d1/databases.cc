#include "serving/d1/databases.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <system_error>
#include <thread>

#include "base/fs.h"
#include "base/hash.h"
#include "model/space.h"
#include "serving/d1/config.h"

namespace kiln::serving {
namespace {

namespace fs = std::filesystem;

constexpr const char* kD1Lock = "lock";
constexpr const char* kD1Runtime = "workerd";
constexpr const char* kD1Files = "files";
constexpr std::uint64_t kLogRoom = std::uint64_t{64} << 20U;  // for what a call writes beside its rows
constexpr std::chrono::milliseconds kLockLook{10};
constexpr std::chrono::seconds kLockWait{10};  // a process that was killed is gone long before

// Of a database its own; of a copy one that is as hard to meet twice.
Uuid id_of_space(const std::string& space) {
  if (const std::optional<Uuid> id = Uuid::parse(space)) return *id;
  return *Uuid::from_raw(sha256(space).substr(0, 16));
}

RuntimeOptions of_databases(RuntimeOptions options) {
  options.kind = ProcessKind::database;
  return options;
}

// Waits for whoever has it, who is about to end.
Result<Fd> lock_space(const fs::path& folder) {
  const auto until = std::chrono::steady_clock::now() + kLockWait;
  while (true) {
    Result<Fd> lock = try_to_lock(folder / kD1Lock);
    if (lock || lock.error().code != Errc::conflict || std::chrono::steady_clock::now() > until) return lock;
    std::this_thread::sleep_for(kLockLook);
  }
}

// Dates compare as their texts do.
Status note_runtime(const fs::path& folder, const std::string& now) {
  constexpr std::size_t kLongest = 64;
  if (now.empty()) return {};
  const fs::path file = folder / kD1Runtime;
  const Result<std::string> wrote = read_file(file, kLongest);
  if (!wrote && wrote.error().code != Errc::not_found) return tl::unexpected<Error>(wrote.error());
  if (wrote && *wrote > now) {
    return fail(Errc::unavailable,
                fmt::format("{} was written by workerd {}, and the one that is installed is older, {}: it "
                            "might not read it rightly. Install that one again, or a newer one.",
                            folder.string(), *wrote, now));
  }
  return wrote && *wrote == now ? Status() : write_file_durably(file, now, 0600);
}

}  // namespace

D1Databases::D1Databases(store::D1DatabaseStore& store, D1Options options)
    : store_(store),
      options_(std::move(options)),
      runtimes_([this](const Uuid& id, const fs::path& folder) { return prepare(id, folder); },
                of_databases(options_.runtimes), nullptr) {}

void D1Databases::acquire(const std::string& space, std::function<void(Result<Endpoint>)> ready) {
  const Uuid id = id_of_space(space);
  {
    const std::lock_guard lock(mutex_);
    names_[id] = space;
  }
  runtimes_.acquire(id, std::move(ready));
}

Status D1Databases::check_known(const std::string& space) {
  const std::optional<Uuid> database = Uuid::parse(model::read_space(space).owner);
  const Result<bool> known = database ? store_.has(*database) : Result<bool>(false);
  if (!known) return tl::unexpected<Error>(known.error());
  return *known ? Status() : fail(Errc::not_found, "There is no such D1 database any more.");
}

Result<Prepared> D1Databases::prepare(const Uuid& id, const fs::path& run_folder) {
  std::string space;
  {
    const std::lock_guard lock(mutex_);
    space = names_[id];
  }
  if (Status known = check_known(space); !known) return tl::unexpected<Error>(known.error());
  const fs::path folder = options_.folder / space;
  for (const fs::path& made : {folder, folder / kD1Files}) {
    if (Status done = make_directory(made, 0700); !done) return tl::unexpected<Error>(done.error());
  }
  Result<Fd> lock = lock_space(folder);
  if (!lock) return tl::unexpected<Error>(lock.error());
  // It may have been deleted while the lock was waited for.
  if (Status known = check_known(space); !known) {
    (void)remove_tree(folder);
    return tl::unexpected<Error>(known.error());
  }
  if (Status fits = note_runtime(folder, options_.runtime_date()); !fits)
    return tl::unexpected<Error>(fits.error());
  Result<RunFolder> files = RunFolder::make(run_folder);
  if (!files) return tl::unexpected<Error>(files.error());
  Prepared out{.files = *std::move(files), .config = d1_config(options_.bytes)};
  out.hang_ms = options_.hang_ms;
  // A call that makes the database too large is taken back at its end; it may not fill the disk before.
  out.own = {folder / kD1Files, folder / kD1Lock, *std::move(lock),
             2 * static_cast<std::uint64_t>(options_.bytes) + kLogRoom};
  return out;
}

Status D1Databases::drop(const Uuid& database) {
  const Result<std::vector<std::string>> all = spaces();
  if (!all) return tl::unexpected<Error>(all.error());
  const std::string own = database.str();
  for (const std::string& space : *all) {
    if (model::read_space(space).owner != own) continue;
    if (Status gone = drop_space(space); !gone) return gone;
  }
  return {};
}

Status D1Databases::drop_space(const std::string& space) {
  const Uuid id = id_of_space(space);
  runtimes_.end(id);
  {
    const std::lock_guard lock(mutex_);
    names_.erase(id);
  }
  const fs::path folder = options_.folder / space;
  std::error_code error;
  if (!fs::exists(folder, error)) return {};
  const Result<Fd> lock = lock_space(folder);
  if (!lock) return tl::unexpected<Error>(lock.error());
  return remove_tree(folder);
}

Result<std::vector<std::string>> D1Databases::spaces() const {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator entry(options_.folder, error), end; !error && entry != end;
       entry.increment(error)) {
    out.push_back(entry->path().filename().string());
  }
  if (error)
    return fail(errc_of(error.value()), fmt::format("{}: {}", options_.folder.string(), error.message()));
  return out;
}

std::int64_t D1Databases::size(const std::string& space) const {
  std::int64_t bytes = 0;
  const fs::path file = options_.folder / d1_file(space);
  for (const char* part : {"", "-wal"}) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file.string() + part, error);
    if (!error) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

fs::path d1_file(const std::string& space) {
  return fs::path(space) / kD1Files / kD1FileInside;
}

}  // namespace kiln::serving
