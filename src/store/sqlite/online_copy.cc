#include "store/sqlite/online_copy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

#include "base/fs.h"

namespace kiln::store::sqlite {
namespace {

struct CopyEnd {
  void operator()(sqlite3_backup* copy) const { sqlite3_backup_finish(copy); }
  void operator()(sqlite3* handle) const { sqlite3_close(handle); }
};
using Target = std::unique_ptr<sqlite3, CopyEnd>;
using Copy = std::unique_ptr<sqlite3_backup, CopyEnd>;

Error copy_error(int code, const std::filesystem::path& file, const char* words) {
  const Errc which = (code & 0xff) == SQLITE_FULL ? Errc::disk_full : Errc::io;
  return {which, fmt::format("copying the database to {}: {}", file.string(), words), {}};
}

Result<Target> open_target(const std::filesystem::path& file) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Target target(handle);
  if (code != SQLITE_OK) return tl::unexpected<Error>(copy_error(code, file, sqlite3_errstr(code)));
  return target;
}

// A disk without room comes as an error of input and output.
Error target_error(sqlite3* handle, const std::filesystem::path& file) {
  const int code = sqlite3_errcode(handle);
  const bool full = (code & 0xff) == SQLITE_IOERR && errc_of(sqlite3_system_errno(handle)) == Errc::disk_full;
  return copy_error(full ? SQLITE_FULL : code, file, sqlite3_errmsg(handle));
}

Status run_sql(sqlite3* handle, const char* sql, const std::filesystem::path& file) {
  if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return tl::unexpected<Error>(target_error(handle, file));
}

Status copy_pages(Connection& from, const std::filesystem::path& file, const CopyPace& pace) {
  Result<Target> target = open_target(file);
  if (!target) return tl::unexpected<Error>(target.error());
  // Nobody reads it before it is whole.
  if (Status set = run_sql(target->get(), "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", file); !set)
    return set;
  // The snapshot stays while the pages are copied: nothing makes the copy begin again.
  Transaction snapshot(from, Transaction::Kind::read);
  (void)from.query("SELECT count(*) FROM sqlite_master").step();
  const Copy copy(sqlite3_backup_init(target->get(), "main", from.handle(), "main"));
  if (!copy) return tl::unexpected<Error>(target_error(target->get(), file));
  while (true) {
    const int code = sqlite3_backup_step(copy.get(), pace.pages);
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED)
      return tl::unexpected<Error>(target_error(target->get(), file));
    if (pace.go_on && !pace.go_on()) return fail(Errc::timeout, "the copy of the database was stopped");
    if (pace.pause.count() > 0) std::this_thread::sleep_for(pace.pause);
  }
}

// The copy says of itself that it has a log beside it, as its original does.
Status make_one_file(const std::filesystem::path& file) {
  {
    Result<Target> target = open_target(file);
    if (!target) return tl::unexpected<Error>(target.error());
    if (Status set = run_sql(target->get(), "PRAGMA journal_mode=DELETE", file); !set) return set;
  }
  const Fd written(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (written && fsync(written.get()) == 0) return {};
  return fail(errc_of(errno), fmt::format("syncing {}: {}", file.string(), std::strerror(errno)));
}

}  // namespace

Status copy_online(Connection& from, const std::filesystem::path& file, const CopyPace& pace) {
  {
    const Fd made(open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made) return fail(errc_of(errno), fmt::format("making {}: {}", file.string(), std::strerror(errno)));
  }
  Status done = copy_pages(from, file, pace);
  if (done) done = make_one_file(file);
  if (!done) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) unlink((file.string() + suffix).c_str());
  }
  return done;
}

}  // namespace kiln::store::sqlite
