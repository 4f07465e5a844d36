// The end of an account: what is live of it goes, what builds and versions point at stays.
#include <fmt/format.h>

#include "store/sqlite/account_store.h"
#include "store/sqlite/trigger_rows.h"
#include "store/sqlite/worker_rows.h"

namespace kiln::store::sqlite {
namespace {

Status check_may_end(Connection& db, const std::string& id) {
  Query live = db.query("SELECT 1 FROM accounts WHERE id = ? AND deleted_on IS NULL");
  if (!live.bind(id).step()) return fail(Errc::not_found, "there is no account " + id);
  Query oldest = db.query("SELECT id FROM accounts WHERE deleted_on IS NULL ORDER BY created_on, id LIMIT 1");
  if (oldest.step() && oldest.text(0) == id)
    return fail(Errc::conflict, "it is the server's first account, in which commands act that name none");
  Query open = db.query("SELECT 1 FROM builds WHERE account_id = ? AND status <> 'stopped' LIMIT 1");
  if (open.bind(id).step()) {
    return fail(Errc::conflict,
                fmt::format("builds of it are not over; see them: kiln queue --account {}, and stop each: "
                            "kiln cancel BUILD",
                            id));
  }
  return {};
}

std::vector<model::Worker> live_workers(Connection& db, const std::string& id) {
  std::vector<model::Worker> workers;
  Query row = db.query("SELECT tag, name FROM workers WHERE account_id = ? AND deleted_on IS NULL");
  row.bind(id);
  while (row.step()) {
    model::Worker& worker = workers.emplace_back();
    worker.account_id = id;
    worker.tag = row.text(0);
    worker.name = row.text(1);
  }
  return workers;
}

std::vector<Uuid> live_connections(Connection& db, const std::string& id) {
  Query rows = db.query("SELECT uuid FROM repo_connections WHERE account_id = ? AND deleted_on IS NULL");
  return all_uuids(rows.bind(id));
}

void end_triggers(Connection& db, const Uuid& connection, TimeMs now) {
  db.query(
        "DELETE FROM trigger_variables WHERE trigger_uuid IN (SELECT uuid FROM triggers WHERE "
        "connection_uuid = ? AND deleted_on IS NULL)")
      .bind(connection)
      .run();
  db.query("UPDATE triggers SET deleted_on = ? WHERE connection_uuid = ? AND deleted_on IS NULL")
      .bind(now)
      .bind(connection)
      .run();
}

// Who may act in it, and whom it tells.
void end_doors(Connection& db, const std::string& id, TimeMs now) {
  db.query("UPDATE api_tokens SET revoked_on = coalesce(revoked_on, ?) WHERE account_id = ?")
      .bind(now)
      .bind(id)
      .run();
  db.query(
        "UPDATE build_tokens SET deleted_on = ?, secret_sealed = x'' WHERE account_id = ? AND deleted_on IS "
        "NULL")
      .bind(now)
      .bind(id)
      .run();
  db.query("DELETE FROM sessions WHERE account_id = ?").bind(id).run();
  db.query("DELETE FROM login_codes WHERE account_id = ?").bind(id).run();
  db.query("DELETE FROM forges WHERE account_id = ?").bind(id).run();
  db.query("DELETE FROM sinks WHERE account_id = ?").bind(id).run();
  db.query("DELETE FROM event_subscriptions WHERE account_id = ?").bind(id).run();
  db.query("DELETE FROM queues WHERE account_id = ?").bind(id).run();
}

}  // namespace

Status SqliteAccountStore::delete_account(const std::string& id, bool with_everything) {
  return database_.write([&](Connection& db) -> Status {
    if (Status may = check_may_end(db, id); !may) return may;
    const std::vector<model::Worker> workers = live_workers(db, id);
    const std::vector<Uuid> connections = live_connections(db, id);
    if (!with_everything && !(workers.empty() && connections.empty())) {
      return fail(Errc::conflict,
                  fmt::format("it still has {} Workers and {} connected repositories; kiln account delete "
                              "--with-everything takes them along",
                              workers.size(), connections.size()),
                  "with_everything");
    }
    const TimeMs now = database_.now();
    for (const Uuid& connection : connections) end_triggers(db, connection, now);
    for (const model::Worker& worker : workers) end_worker(db, worker, now);
    for (const Uuid& connection : connections) end_connection(db, connection, now);
    end_doors(db, id, now);
    // Its subdomain is free for another.
    db.query("UPDATE accounts SET deleted_on = ?, subdomain = id WHERE id = ?").bind(now).bind(id).run();
    return {};
  });
}

}  // namespace kiln::store::sqlite
