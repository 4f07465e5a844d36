#include "store/sqlite/upkeep/check_store.h"

#include <fmt/format.h>

#include <array>

#include "base/hex.h"
#include "store/sqlite/upkeep/snapshot_store.h"

namespace kiln::store::sqlite {
namespace {

constexpr std::int64_t kMostSentences = 100;
// A lease that ended so long ago would have been taken back by any server that runs.
constexpr TimeMs kLeaseForgottenMs = TimeMs{15} * 60'000;

// What should not be there: how it is counted, what is said of it, and what takes it away.
struct LooseEnd {
  const char* count;
  const char* words;
  const char* repair;
};

constexpr std::array<LooseEnd, 4> kLooseEnds{{
    {"SELECT count(*) FROM builds WHERE lease_until IS NOT NULL AND status = 'stopped'",
     "builds that are over hold a lease",
     "UPDATE builds SET lease_until = NULL, api_token_hash = NULL WHERE lease_until IS NOT NULL AND status = "
     "'stopped'"},
    {"SELECT count(*) FROM builds WHERE status = 'stopped' AND (api_token_hash IS NOT NULL OR secrets_sealed "
     "IS NOT NULL)",
     "builds that are over still have a token or secrets",
     "UPDATE builds SET api_token_hash = NULL, secrets_sealed = NULL WHERE status = 'stopped' AND "
     "(api_token_hash IS NOT NULL OR secrets_sealed IS NOT NULL)"},
    {"SELECT count(*) FROM version_builds v WHERE NOT EXISTS (SELECT 1 FROM builds b WHERE b.number = "
     "v.build_number)",
     "versions are said to be of builds that are gone",
     "DELETE FROM version_builds WHERE NOT EXISTS (SELECT 1 FROM builds b WHERE b.number = build_number)"},
    {"SELECT count(*) FROM build_logs l WHERE NOT EXISTS (SELECT 1 FROM builds b WHERE b.uuid = "
     "l.build_uuid)",
     "pieces of logs are of builds that are gone",
     "DELETE FROM build_logs WHERE NOT EXISTS (SELECT 1 FROM builds b WHERE b.uuid = build_uuid)"},
}};

// Lets a statement of the connection be ended while it runs.
class Stoppable {
 public:
  Stoppable(Connection& db, const CheckStore::GoOn& go_on) : db_(db), go_on_(go_on) {
    constexpr int instructions = 100'000;  // between two questions
    sqlite3_progress_handler(
        db_.handle(), instructions,
        [](void* self) { return static_cast<Stoppable*>(self)->go_on_() ? 0 : 1; }, this);
  }
  ~Stoppable() { sqlite3_progress_handler(db_.handle(), 0, nullptr, nullptr); }
  Stoppable(const Stoppable&) = delete;
  Stoppable& operator=(const Stoppable&) = delete;

 private:
  Connection& db_;
  const CheckStore::GoOn& go_on_;
};

Result<std::vector<std::string>> damage_in(Connection& db, const CheckStore::GoOn& go_on) {
  const Stoppable stoppable(db, go_on);
  std::vector<std::string> out;
  try {
    Query rows = db.query("PRAGMA integrity_check(100)");
    while (rows.step()) {
      if (rows.view(0) != "ok") out.emplace_back(rows.view(0));
    }
  } catch (const SqlError& error) {
    if ((error.code() & 0xff) != SQLITE_INTERRUPT) throw;
    return fail(Errc::timeout, "the check was stopped");
  }
  return out;
}

void add_missing_parents(Connection& db, std::vector<std::string>& out) {
  Query rows = db.query("PRAGMA foreign_key_check");
  std::int64_t left = kMostSentences;
  while (left-- > 0 && rows.step())
    out.push_back(fmt::format("a row of {} names one of {} that is not there", rows.view(0), rows.view(2)));
}

}  // namespace

Result<std::vector<std::string>> SqliteCheckStore::damage(const GoOn& go_on) {
  return database_.read([&](Connection& db) -> Result<std::vector<std::string>> {
    const Result<std::vector<std::string>> found = damage_in(db, go_on);
    if (!found) return found;
    std::vector<std::string> out;
    for (const std::string& words : *found) out.push_back("the database is damaged: " + words);
    add_missing_parents(db, out);
    return out;
  });
}

Result<std::vector<std::string>> SqliteCheckStore::damage_of(const std::filesystem::path& file,
                                                             const GoOn& go_on) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return fail(Errc::not_found, file.string() + " is not there");
  try {
    Connection reader(file, true);
    reader.execute("PRAGMA ignore_check_constraints=ON");
    return damage_in(reader, go_on);
  } catch (const SqlError& error) {
    return tl::unexpected<Error>(Database::to_error(error));
  }
}

Result<BlobHashes> SqliteCheckStore::named_blobs() {
  return database_.read([](Connection& db) -> Result<BlobHashes> { return load_named_blobs(db); });
}

Result<std::vector<BlobUser>> SqliteCheckStore::users_of(const BlobHash& blob) {
  return database_.read([&](Connection& db) -> Result<std::vector<BlobUser>> {
    std::vector<BlobUser> out;
    const std::string name = to_hex({reinterpret_cast<const char*>(blob.data()), blob.size()});
    Query modules = db.query(
        "SELECT w.name || iif(w.deleted_on IS NULL, '', ' (deleted)'), v.id, m.name FROM version_modules m "
        "JOIN versions v ON v.id = m.version_id JOIN workers w ON w.tag = v.worker_tag WHERE m.blob = ? "
        "LIMIT "
        "10");
    modules.bind(name);
    while (modules.step()) {
      out.push_back(
          {modules.text(0), fmt::format("module {} of version {}", modules.view(2), modules.uuid(1).str())});
    }
    Query assets = db.query(
        "SELECT worker_name FROM worker_assets WHERE blob = ?1 UNION SELECT worker_name FROM preview_assets "
        "WHERE blob = ?1 LIMIT 10");
    assets.bind(name);
    while (assets.step()) out.push_back({assets.text(0), "a static file"});
    return out;
  });
}

Result<std::vector<std::string>> SqliteCheckStore::loose_ends(bool repair) {
  std::vector<std::string> out;
  for (const LooseEnd& one : kLooseEnds) {
    const Result<std::int64_t> count = database_.read([&](Connection& db) -> Result<std::int64_t> {
      Query row = db.query(one.count);
      return row.step() ? row.integer(0) : 0;
    });
    if (!count) return tl::unexpected<Error>(count.error());
    if (*count == 0) continue;
    out.push_back(fmt::format("{} {}", *count, one.words));
    if (!repair) continue;
    const Status repaired = database_.write([&](Connection& db) -> Status {
      db.query(one.repair).run();
      return {};
    });
    if (!repaired) return tl::unexpected<Error>(repaired.error());
  }
  return out;
}

Result<std::int64_t> SqliteCheckStore::forgotten_leases() {
  return database_.read([&](Connection& db) -> Result<std::int64_t> {
    Query row = db.query("SELECT count(*) FROM builds WHERE lease_until <= ? AND status <> 'stopped'");
    return row.bind(database_.now() - kLeaseForgottenMs).step() ? row.integer(0) : 0;
  });
}

}  // namespace kiln::store::sqlite
