#include "store/kv/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/fs.h"
#include "base/strings.h"
#include "model/space.h"

namespace kiln::store::kv {
namespace {

using sqlite::Connection;
using sqlite::Migration;
using sqlite::Query;

constexpr std::int64_t kPage = 4096;
constexpr int kCacheKib = 1024;
constexpr int kSweptAtOnce = 1000;
constexpr const char* kSuffix = ".db";

// `name` is in the order of its bytes. expires_on: Unix ms.
const Migration kEntries = {"kv_entries", R"sql(
CREATE TABLE entries (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, metadata TEXT NOT NULL, expires_on INTEGER, value BLOB NOT NULL
) STRICT;
CREATE INDEX entries_expiry ON entries (expires_on) WHERE expires_on IS NOT NULL;
)sql"};

const std::vector<Migration>& steps() {
  static const std::vector<Migration> all = {kEntries};
  return all;
}

tl::unexpected<Error> no_space(const std::string& space) {
  return fail(Errc::kv_namespace_not_found, fmt::format("there is no KV space {}", space));
}

KvKey key_of(const Query& row) {
  return {row.text(0), row.text(1), row.maybe_integer(2)};
}

}  // namespace

Files::Files(std::filesystem::path folder, const Clock& clock, const FileLimits& limits)
    : folder_(std::move(folder)),
      clock_(clock),
      most_open_(std::max<std::size_t>(limits.open, 1)),
      schema_{steps(), false, kCacheKib, limits.bytes / kPage} {}

std::filesystem::path Files::path_of(const std::string& space) const {
  return folder_ / (space + kSuffix);
}

Result<Files::File> Files::open(const std::string& space, May may) {
  if (!model::may_be_space(space)) return no_space(space);
  File closed;  // outside the lock
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(space); found != open_.end()) {
    used_.splice(used_.begin(), used_, found->second.place);
    return found->second.file;
  }
  std::error_code error;
  if (may == May::open && !std::filesystem::exists(path_of(space), error)) return no_space(space);
  // A file that a crash left without its table is made again.
  Result<std::unique_ptr<sqlite::Database>> opened =
      sqlite::Database::open(path_of(space), clock_, May::open_or_make, schema_);
  if (!opened) return tl::unexpected<Error>(opened.error());
  if (open_.size() >= most_open_) {
    const auto last = open_.find(used_.back());
    closed = std::move(last->second.file);
    open_.erase(last);
    used_.pop_back();
  }
  used_.push_front(space);
  File file = *std::move(opened);
  open_.emplace(space, Open{file, used_.begin()});
  return file;
}

Status Files::make(const std::string& space) {
  const Result<File> file = open(space, May::open_or_make);
  return file ? Status() : tl::unexpected<Error>(file.error());
}

Status Files::drop(const std::string& space) {
  if (!model::may_be_space(space)) return {};
  File closed;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = open_.find(space); found != open_.end()) {
      closed = std::move(found->second.file);
      used_.erase(found->second.place);
      open_.erase(found);
    }
  }
  closed.reset();
  const std::string path = path_of(space);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (Status gone = remove_file_durably(path + suffix); !gone) return gone;
  }
  return {};
}

Result<std::vector<std::string>> Files::spaces() {
  std::vector<std::string> out;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == kSuffix) out.push_back(entry->path().stem());
  }
  if (error) return fail(errc_of(error.value()), "listing " + folder_.string() + ": " + error.message());
  return out;
}

Result<std::vector<std::optional<KvEntry>>> Files::get(const std::string& space,
                                                       const std::vector<std::string>& names) {
  const Result<File> file = open(space, May::open);
  if (!file) return tl::unexpected<Error>(file.error());
  return (*file)->read([&](Connection& db) -> Result<std::vector<std::optional<KvEntry>>> {
    const TimeMs now = clock_.now();
    std::vector<std::optional<KvEntry>> out;
    for (const std::string& name : names) {
      Query row = db.query(
          "SELECT name, metadata, expires_on, value FROM entries WHERE name = ? AND "
          "(expires_on IS NULL OR expires_on > ?)");
      row.bind(name).bind(now);
      out.emplace_back();
      if (row.step()) out.back() = KvEntry{key_of(row), row.text(3)};
    }
    return out;
  });
}

Status Files::put(const std::string& space, const std::vector<KvEntry>& entries) {
  const Result<File> file = open(space, May::open);
  if (!file) return tl::unexpected<Error>(file.error());
  return (*file)->write([&](Connection& db) -> Status {
    for (const KvEntry& entry : entries) {
      db.query(
            "INSERT INTO entries (name, metadata, expires_on, value) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET metadata = excluded.metadata, expires_on = "
            "excluded.expires_on, value = excluded.value")
          .bind(entry.key.name)
          .bind(entry.key.metadata)
          .bind(entry.key.expires_on)
          .bind_blob(entry.value)
          .run();
    }
    return {};
  });
}

Status Files::remove(const std::string& space, const std::vector<std::string>& names) {
  const Result<File> file = open(space, May::open);
  if (!file) return tl::unexpected<Error>(file.error());
  return (*file)->write([&](Connection& db) -> Status {
    for (const std::string& name : names) db.query("DELETE FROM entries WHERE name = ?").bind(name).run();
    return {};
  });
}

Result<KvKeys> Files::list(const std::string& space, const KvListing& listing) {
  const Result<File> file = open(space, May::open);
  if (!file) return tl::unexpected<Error>(file.error());
  const std::optional<std::string> end = prefix_end(listing.prefix);
  return (*file)->read([&](Connection& db) -> Result<KvKeys> {
    // Text of other bytes than UTF-8's compares by its bytes like any other.
    Query rows = end ? db.query(
                           "SELECT name, metadata, expires_on FROM entries WHERE name >= ? AND name > ? AND "
                           "(expires_on IS NULL OR expires_on > ?) AND name < ? ORDER BY name LIMIT ?")
                     : db.query(
                           "SELECT name, metadata, expires_on FROM entries WHERE name >= ? AND name > ? AND "
                           "(expires_on IS NULL OR expires_on > ?) ORDER BY name LIMIT ?");
    rows.bind(listing.prefix).bind(listing.after).bind(clock_.now());
    if (end) rows.bind(*end);
    rows.bind(listing.limit + 1);
    KvKeys out;
    while (rows.step()) {
      if (static_cast<int>(out.keys.size()) == listing.limit) {
        out.complete = false;
        break;
      }
      out.keys.push_back(key_of(rows));
    }
    return out;
  });
}

Result<KvSize> Files::size(const std::string& space) {
  const Result<File> file = open(space, May::open);
  if (!file) return tl::unexpected<Error>(file.error());
  KvSize size;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(path_of(space).string() + suffix, error);
    if (!error) size.bytes += static_cast<std::int64_t>(bytes);
  }
  const Status counted = (*file)->read([&](Connection& db) -> Status {
    Query row = db.query("SELECT count(*) FROM entries WHERE expires_on IS NULL OR expires_on > ?");
    row.bind(clock_.now());
    if (row.step()) size.keys = row.integer(0);
    return {};
  });
  if (!counted) return tl::unexpected<Error>(counted.error());
  return size;
}

Status Files::sweep_one(const std::string& space) {
  const Result<File> file = open(space, May::open);
  if (!file)
    return file.error().code == Errc::kv_namespace_not_found ? Status() : tl::unexpected<Error>(file.error());
  bool more = true;
  while (more) {
    const Status swept = (*file)->write([&](Connection& db) -> Status {
      db.query(
            "DELETE FROM entries WHERE number IN (SELECT number FROM entries WHERE expires_on IS NOT NULL "
            "AND expires_on <= ? LIMIT ?)")
          .bind(clock_.now())
          .bind(kSweptAtOnce)
          .run();
      more = db.changes() == kSweptAtOnce;
      return {};
    });
    if (!swept) return swept;
  }
  return {};
}

Status Files::sweep() {
  const Result<std::vector<std::string>> all = spaces();
  if (!all) return tl::unexpected<Error>(all.error());
  Status first;
  for (const std::string& space : *all) {
    if (Status swept = sweep_one(space); !swept && first) first = swept;
  }
  return first;
}

}  // namespace kiln::store::kv
