#include "store/sqlite/badge_store.h"

#include "base/hash.h"
#include "store/sqlite/worker_rows.h"

namespace kiln::store::sqlite {
namespace {

tl::unexpected<Error> no_badge() {
  return fail(Errc::not_found, "there is no such badge");
}

Result<std::optional<model::Badge>> badge_of(Connection& db, const SecretBox& box,
                                             const std::string& account_id, const std::string& worker_tag) {
  Query row =
      db.query("SELECT uuid_sealed, branch, created_on FROM badges WHERE worker_tag = ? AND account_id = ?");
  if (!row.bind(worker_tag).bind(account_id).step()) return std::optional<model::Badge>();
  const Result<std::string> raw = box.unseal(row.text(0));
  if (!raw) return context(raw.error(), "reading a badge");
  const std::optional<Uuid> uuid = Uuid::from_raw(*raw);
  if (!uuid) throw SqlError(SQLITE_CORRUPT, "a stored badge's id is damaged");
  return model::Badge{*uuid, account_id, worker_tag, row.text(1), row.integer(2)};
}

}  // namespace

Result<std::optional<model::Badge>> SqliteBadgeStore::badge(const std::string& account_id,
                                                            const std::string& worker_tag) {
  return database_.read([&](Connection& db) { return badge_of(db, box_, account_id, worker_tag); });
}

Result<model::Badge> SqliteBadgeStore::put_badge(const Wish& wish) {
  return database_.write([&](Connection& db) -> Result<model::Badge> {
    const model::Badge& fresh = wish.fresh;
    if (!worker_lives(db, fresh.account_id, fresh.worker_tag))
      return fail(Errc::worker_not_found, "This Worker does not exist on your account.");
    const auto before = badge_of(db, box_, fresh.account_id, fresh.worker_tag);
    if (!before) return tl::unexpected<Error>(before.error());
    model::Badge now = *before && !wish.replace ? **before : fresh;
    if (*before) now.branch = (*before)->branch;
    if (wish.branch) now.branch = *wish.branch;
    db.query(
          "INSERT INTO badges (worker_tag, account_id, uuid_hash, uuid_sealed, branch, created_on) "
          "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (worker_tag) DO UPDATE SET uuid_hash = excluded.uuid_hash, "
          "uuid_sealed = excluded.uuid_sealed, branch = excluded.branch, created_on = excluded.created_on")
        .bind(now.worker_tag)
        .bind(now.account_id)
        .bind_blob(sha256(now.uuid.raw()))
        .bind_blob(box_.seal(now.uuid.raw(), entropy_))
        .bind(now.branch)
        .bind(now.created_on)
        .run();
    return now;
  });
}

Result<std::optional<model::BuildOutcome>> SqliteBadgeStore::latest_outcome(const model::Badge& badge) {
  using Outcome = std::optional<model::BuildOutcome>;
  return database_.read([&](Connection& db) -> Result<Outcome> {
    Query row = db.query(
        "SELECT outcome FROM builds INDEXED BY builds_worker WHERE account_id = ?1 AND worker_tag = ?2 AND "
        "ordinal > (SELECT last_ordinal FROM build_counts WHERE account_id = ?1 AND worker_tag = ?2) - ?3 "
        "AND outcome IS NOT NULL AND outcome NOT IN ('skipped', 'cancelled') AND restricted = 0 AND "
        "pull_request_json IS NULL AND ?4 IN ('', branch) ORDER BY ordinal DESC LIMIT 1");
    row.bind(badge.account_id).bind(badge.worker_tag).bind(kBuildsLookedAt).bind(badge.branch);
    if (!row.step()) return Outcome();
    const Outcome outcome = model::parse_build_outcome(row.text(0));
    if (!outcome) throw SqlError(SQLITE_CORRUPT, "a stored build's outcome is none");
    return outcome;
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
