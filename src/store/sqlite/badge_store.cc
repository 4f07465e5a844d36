#include "store/sqlite/badge_store.h"

#include "base/hash.h"
#include "store/sqlite/worker_rows.h"

namespace kiln::store::sqlite {
namespace {

tl::unexpected<Error> no_badge() {
  return fail(Errc::not_found, "there is no such badge");
}

}  // namespace

Result<std::optional<model::Badge>> SqliteBadgeStore::badge(const std::string& account_id,
                                                            const std::string& worker_tag) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::Badge>> {
    Query row = db.query(
        "SELECT uuid_sealed, branch, created_on FROM badges WHERE worker_tag = ? AND account_id = ?");
    if (!row.bind(worker_tag).bind(account_id).step()) return std::optional<model::Badge>();
    const Result<std::string> raw = box_.unseal(row.text(0));
    if (!raw) return context(raw.error(), "reading a badge");
    const std::optional<Uuid> uuid = Uuid::from_raw(*raw);
    if (!uuid) throw SqlError(SQLITE_CORRUPT, "a stored badge's id is damaged");
    return model::Badge{*uuid, account_id, worker_tag, row.text(1), row.integer(2)};
  });
}

Status SqliteBadgeStore::put_badge(const model::Badge& badge) {
  return database_.write([&](Connection& db) -> Status {
    if (!worker_lives(db, badge.account_id, badge.worker_tag))
      return fail(Errc::worker_not_found, "This Worker does not exist on your account.");
    db.query(
          "INSERT INTO badges (worker_tag, account_id, uuid_hash, uuid_sealed, branch, created_on) "
          "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (worker_tag) DO UPDATE SET uuid_hash = excluded.uuid_hash, "
          "uuid_sealed = excluded.uuid_sealed, branch = excluded.branch, created_on = excluded.created_on")
        .bind(badge.worker_tag)
        .bind(badge.account_id)
        .bind_blob(sha256(badge.uuid.raw()))
        .bind_blob(box_.seal(badge.uuid.raw(), entropy_))
        .bind(badge.branch)
        .bind(badge.created_on)
        .run();
    return {};
  });
}

Status SqliteBadgeStore::delete_badge(const std::string& account_id, const std::string& worker_tag) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM badges WHERE worker_tag = ? AND account_id = ?")
        .bind(worker_tag)
        .bind(account_id)
        .run();
    if (db.changes() == 0) return no_badge();
    return {};
  });
}

Result<model::Badge> SqliteBadgeStore::badge_at(const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<model::Badge> {
    Query row = db.query("SELECT account_id, worker_tag, branch, created_on FROM badges WHERE uuid_hash = ?");
    if (!row.bind_blob(sha256(uuid.raw())).step()) return no_badge();
    return model::Badge{uuid, row.text(0), row.text(1), row.text(2), row.integer(3)};
  });
}

}  // namespace kiln::store::sqlite
