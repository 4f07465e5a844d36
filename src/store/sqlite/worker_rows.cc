#include "store/sqlite/worker_rows.h"

#include "store/sqlite/host_route_rows.h"

namespace kiln::store::sqlite {

bool worker_lives(Connection& db, const std::string& tag) {
  Query query = db.query("SELECT 1 FROM workers WHERE tag = ? AND deleted_on IS NULL");
  return query.bind(tag).step();
}

bool worker_lives(Connection& db, const std::string& account_id, const std::string& tag) {
  Query query = db.query("SELECT 1 FROM workers WHERE account_id = ? AND tag = ? AND deleted_on IS NULL");
  return query.bind(account_id).bind(tag).step();
}

void end_worker(Connection& db, const model::Worker& worker, TimeMs now) {
  db.query("DELETE FROM version_secrets WHERE version_id IN (SELECT id FROM versions WHERE worker_tag = ?)")
      .bind(worker.tag)
      .run();
  db.query("DELETE FROM version_aliases WHERE worker_tag = ?").bind(worker.tag).run();
  db.query("DELETE FROM previews WHERE worker_tag = ?").bind(worker.tag).run();
  db.query("DELETE FROM deploy_hooks WHERE worker_tag = ?").bind(worker.tag).run();
  db.query("DELETE FROM badges WHERE worker_tag = ?").bind(worker.tag).run();
  db.query("DELETE FROM cron_schedules WHERE worker_tag = ?").bind(worker.tag).run();
  db.query("DELETE FROM queue_consumers WHERE kind = 'worker' AND worker_tag = ?").bind(worker.tag).run();
  drop_host_routes(db, worker.tag);
  db.query("DELETE FROM worker_assets WHERE account_id = ? AND worker_name = ?")
      .bind(worker.account_id)
      .bind(worker.name)
      .run();
  db.query("DELETE FROM preview_assets WHERE account_id = ? AND worker_name = ?")
      .bind(worker.account_id)
      .bind(worker.name)
      .run();
  db.query("DELETE FROM asset_sessions WHERE account_id = ? AND worker_name = ?")
      .bind(worker.account_id)
      .bind(worker.name)
      .run();
  db.query("UPDATE triggers SET deleted_on = ? WHERE worker_tag = ? AND deleted_on IS NULL")
      .bind(now)
      .bind(worker.tag)
      .run();
  db.query("UPDATE workers SET deleted_on = ?, modified_on = ? WHERE tag = ?")
      .bind(now)
      .bind(now)
      .bind(worker.tag)
      .run();
}

tl::unexpected<Error> no_worker() {
  return fail(Errc::worker_not_found, "This Worker does not exist on your account.");
}

}  // namespace kiln::store::sqlite
