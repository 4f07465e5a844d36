#include "app/data_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "ops/upkeep/restore.h"

namespace kiln::app {
namespace {

namespace fs = std::filesystem;

enum class Found { absent, empty, there };

Result<Found> find(const fs::path& file) {
  struct stat info {};
  if (stat(file.c_str(), &info) != 0) {
    if (errno == ENOENT) return Found::absent;
    return fail(Errc::io, fmt::format("looking at {}: {}", file.string(), std::strerror(errno)));
  }
  if (!S_ISREG(info.st_mode)) return fail(Errc::corrupt, file.string() + " is not a file");
  return info.st_size == 0 ? Found::empty : Found::there;
}

// What only a server that has run leaves behind.
Result<bool> has_traces(const DataDir& data) {
  const Result<Found> log = find(data.database().string() + "-wal");
  if (!log) return tl::unexpected<Error>(log.error());
  std::error_code error;
  const bool blobs = !fs::is_empty(data.blobs(), error);
  if (error) return fail(Errc::io, fmt::format("reading {}: {}", data.blobs().string(), error.message()));
  return *log != Found::absent || blobs;
}

// A file of the owner's alone; absent is success.
Status close_to_others(const fs::path& file) {
  if (chmod(file.c_str(), 0600) == 0 || errno == ENOENT) return {};
  return fail(errc_of(errno), fmt::format("closing {} to others: {}", file.string(), std::strerror(errno)));
}

std::string words_for(const fs::path& file, Found found) {
  return fmt::format("{} is {}, and this data directory is not new", file.string(),
                     found == Found::absent ? "missing" : "empty");
}

}  // namespace

Result<DataDir> DataDir::open(const fs::path& path) {
  std::error_code error;
  fs::path absolute = fs::absolute(path, error);
  if (error) return fail(Errc::io, fmt::format("data directory {}: {}", path.string(), error.message()));
  DataDir data(std::move(absolute));
  for (const fs::path& folder :
       {data.path(), data.blobs(), data.mirrors(), data.runner(), data.kv(), data.d1(), data.r2()}) {
    if (Status made = make_directory(folder, 0700); !made)
      return context(made.error(), "preparing the data directory");
  }
  if (Status locked = data.lock(); !locked) return tl::unexpected<Error>(locked.error());
  if (Status looked = data.look(); !looked)
    return tl::unexpected<Error>(data.with_advice(std::move(looked.error())));
  if (Status closed = close_to_others(data.secrets_key()); !closed)
    return tl::unexpected<Error>(closed.error());
  return data;
}

Result<DataDir> DataDir::open_empty(const fs::path& path) {
  std::error_code error;
  DataDir data(fs::absolute(path, error));
  if (error) return fail(Errc::io, fmt::format("data directory {}: {}", path.string(), error.message()));
  if (Status made = make_directory(data.path(), 0700); !made) return tl::unexpected<Error>(made.error());
  if (Status locked = data.lock(); !locked) return tl::unexpected<Error>(locked.error());
  // What a restore that was cut short left is its own to take away.
  if (fs::exists(data.path() / ops::kRestoring, error)) return data;
  for (fs::directory_iterator entry(data.path(), error), end; !error && entry != end;
       entry.increment(error)) {
    if (const std::string name = entry->path().filename(); name != "lock" && name != "lost+found")
      return fail(
          Errc::conflict,
          fmt::format("{} is not empty: {} stands there. A backup is put back into an empty directory "
                      "only: move {} away, or choose another --data-dir",
                      path.string(), name, path.string()));
  }
  if (error) return fail(Errc::io, fmt::format("reading {}: {}", path.string(), error.message()));
  return data;
}

Result<DataDir> DataDir::open_stopped(const fs::path& path) {
  std::error_code error;
  DataDir data(fs::absolute(path, error));
  if (error || !fs::is_directory(data.path(), error) || !fs::exists(data.database(), error))
    return fail(Errc::not_found, fmt::format("there is no Kiln data directory at {}", path.string()));
  if (Status locked = data.lock(); !locked) return tl::unexpected<Error>(locked.error());
  return data;
}

Status DataDir::lock() {
  const fs::path file = path_ / "lock";
  lock_ = Fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_ || fchmod(lock_.get(), 0600) != 0)
    return fail(errc_of(errno), fmt::format("opening {}: {}", file.string(), std::strerror(errno)));
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return fail(Errc::conflict,
              fmt::format("a Kiln server runs on {} already; stop it first, or choose another --data-dir",
                          path_.string()));
}

Status DataDir::look() {
  if (std::error_code error; fs::exists(path_ / ops::kRestoring, error)) {
    return fail(
        Errc::conflict,
        fmt::format("a restore into {} was cut short; run kiln restore again, with the same --data-dir",
                    path_.string()));
  }
  const Result<Found> marker = find(being_made());
  const Result<Found> database = find(DataDir::database());
  const Result<Found> key = find(secrets_key());
  for (const Result<Found>* found : {&marker, &database, &key}) {
    if (!*found) return tl::unexpected<Error>(found->error());
  }
  is_new_ = *marker != Found::absent;
  if (is_new_ || (*database == Found::there && *key == Found::there)) return {};
  if (*database == Found::absent && *key == Found::absent) {
    const Result<bool> traces = has_traces(*this);
    if (!traces) return tl::unexpected<Error>(traces.error());
    if (!*traces) {
      is_new_ = true;
      return write_file_durably(being_made(), "A server makes kiln.db and secrets.key here.\n", 0600);
    }
  }
  const bool at_database = *database != Found::there;
  return fail(Errc::corrupt,
              words_for(at_database ? DataDir::database() : secrets_key(), at_database ? *database : *key));
}

Status DataDir::made() {
  if (!is_new_) return {};
  if (Status gone = remove_file_durably(being_made()); !gone) return gone;
  is_new_ = false;
  return {};
}

Error DataDir::with_advice(Error error) const {
  if (error.code != Errc::corrupt) return error;
  error.message += fmt::format(
      ". The server does not start: it would begin a new account, or could not open what is sealed. Put "
      "kiln.db and secrets.key of one and the same backup back into {0}, and remove kiln.db-wal and "
      "kiln.db-shm there, which belong to the file before; or, to begin anew, move {0} away. Nothing was "
      "changed",
      path_.string());
  return error;
}

}  // namespace kiln::app
