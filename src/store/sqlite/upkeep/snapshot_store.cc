#include "store/sqlite/upkeep/snapshot_store.h"

#include <algorithm>
#include <cstring>

#include "base/hex.h"
#include "store/sqlite/online_copy.h"

namespace kiln::store::sqlite {
namespace {

constexpr int kSnapshotPages = 128;  // 512 KiB
constexpr std::chrono::milliseconds kSnapshotPause{2};

void add_blobs(Query rows, BlobHashes& into) {
  BlobHash hash{};
  while (rows.step()) {
    const std::optional<std::string> raw = from_hex(rows.view(0));
    if (!raw || raw->size() != hash.size())
      throw SqlError(SQLITE_CORRUPT, "a stored upload has no hash's name");
    std::memcpy(hash.data(), raw->data(), hash.size());
    into.push_back(hash);
  }
}

}  // namespace

BlobHashes load_named_blobs(Connection& db) {
  BlobHashes all;
  add_blobs(db.query("SELECT blob FROM version_modules"), all);
  add_blobs(db.query("SELECT blob FROM worker_assets"), all);
  add_blobs(db.query("SELECT blob FROM preview_assets"), all);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Status SqliteSnapshotStore::write_snapshot(const std::filesystem::path& file,
                                           const std::function<bool()>& go_on) {
  return write_space(database_.file(), file, go_on);
}

Status SqliteSnapshotStore::write_space(const std::filesystem::path& space, const std::filesystem::path& file,
                                        const std::function<bool()>& go_on) {
  std::error_code ignored;
  if (!std::filesystem::exists(space, ignored))
    return fail(Errc::not_found, space.string() + " is not there");
  try {
    Connection reader(space, true);
    return copy_online(reader, file, {kSnapshotPages, kSnapshotPause, go_on});
  } catch (const SqlError& error) {
    return tl::unexpected<Error>(Database::to_error(error));
  }
}

Result<SnapshotFacts> SqliteSnapshotStore::read_snapshot(const std::filesystem::path& file) {
  try {
    Connection snapshot(file, true);
    SnapshotFacts facts;
    Query number = snapshot.query("SELECT coalesce(max(number), 0) FROM migrations");
    facts.schema = number.step() ? number.integer(0) : 0;
    facts.blobs = load_named_blobs(snapshot);
    return facts;
  } catch (const SqlError& error) {
    return context(Database::to_error(error), "reading " + file.string());
  }
}

}  // namespace kiln::store::sqlite
