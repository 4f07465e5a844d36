#include "store/sqlite/worker_store.h"

#include <optional>

#include "store/sqlite/schedule_store.h"
#include "store/sqlite/worker_rows.h"

namespace kiln::store::sqlite {
namespace {

model::Worker row_to_worker(const Query& query) {
  model::Worker worker;
  worker.tag = query.text(0);
  worker.account_id = query.text(1);
  worker.name = query.text(2);
  worker.created_on = query.integer(3);
  worker.modified_on = query.integer(4);
  worker.subdomain_enabled = query.integer(5) != 0;
  worker.previews_enabled = query.integer(6) != 0;
  worker.settings_json = query.text(7);
  worker.schedules_json = query.text(8);
  return worker;
}

std::optional<model::Worker> find_by_name(Connection& db, const std::string& account_id,
                                          const std::string& name) {
  Query query = db.query(
      "SELECT tag, account_id, name, created_on, modified_on, subdomain_enabled, previews_enabled, "
      "settings_json, schedules_json FROM workers WHERE account_id = ? AND name = ? AND deleted_on IS NULL");
  query.bind(account_id).bind(name);
  if (!query.step()) return std::nullopt;
  return row_to_worker(query);
}

void insert_worker(Connection& db, const model::Worker& worker) {
  db.query(
        "INSERT INTO workers (tag, account_id, name, created_on, modified_on, subdomain_enabled, "
        "previews_enabled, settings_json, schedules_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(worker.tag)
      .bind(worker.account_id)
      .bind(worker.name)
      .bind(worker.created_on)
      .bind(worker.modified_on)
      .bind(worker.subdomain_enabled)
      .bind(worker.previews_enabled)
      .bind(worker.settings_json)
      .bind(worker.schedules_json)
      .run();
}

}  // namespace

Result<model::Worker> SqliteWorkerStore::ensure_worker(const model::Worker& fresh) {
  return database_.write([&](Connection& db) -> Result<model::Worker> {
    if (std::optional<model::Worker> there = find_by_name(db, fresh.account_id, fresh.name))
      return *std::move(there);
    insert_worker(db, fresh);
    return fresh;
  });
}

Result<model::Worker> SqliteWorkerStore::worker(const std::string& account_id, const std::string& name) {
  return database_.read([&](Connection& db) -> Result<model::Worker> {
    std::optional<model::Worker> found = find_by_name(db, account_id, name);
    if (!found) return no_worker();
    return *std::move(found);
  });
}

Result<model::Worker> SqliteWorkerStore::worker_by_tag(const std::string& account_id,
                                                       const std::string& tag) {
  return database_.read([&](Connection& db) -> Result<model::Worker> {
    Query query = db.query(
        "SELECT tag, account_id, name, created_on, modified_on, subdomain_enabled, previews_enabled, "
        "settings_json, schedules_json FROM workers WHERE account_id = ? AND tag = ? AND deleted_on IS NULL");
    query.bind(account_id).bind(tag);
    if (!query.step()) return no_worker();
    return row_to_worker(query);
  });
}

Result<model::Worker> SqliteWorkerStore::worker_of_build(const Uuid& build) {
  return database_.read([&](Connection& db) -> Result<model::Worker> {
    std::string tag;
    {
      Query query = db.query("SELECT worker_tag FROM builds WHERE uuid = ?");
      if (!query.bind(build).step()) return fail(Errc::not_found, "There is no such build.");
      tag = query.text(0);
    }
    Query query = db.query(
        "SELECT tag, account_id, name, created_on, modified_on, subdomain_enabled, previews_enabled, "
        "settings_json, schedules_json FROM workers WHERE tag = ? AND deleted_on IS NULL");
    if (!query.bind(tag).step()) return no_worker();
    return row_to_worker(query);
  });
}

Result<std::vector<model::Worker>> SqliteWorkerStore::workers(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::Worker>> {
    std::vector<model::Worker> found;
    Query query = db.query(
        "SELECT tag, account_id, name, created_on, modified_on, subdomain_enabled, previews_enabled, "
        "settings_json, schedules_json FROM workers WHERE account_id = ? AND deleted_on IS NULL ORDER BY "
        "name");
    query.bind(account_id);
    while (query.step()) found.push_back(row_to_worker(query));
    return found;
  });
}

Status SqliteWorkerStore::update_worker(const model::Worker& worker) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE workers SET settings_json = ?, schedules_json = ?, subdomain_enabled = ?, previews_enabled "
          "= ?, modified_on = ? WHERE account_id = ? AND tag = ? AND deleted_on IS NULL")
        .bind(worker.settings_json)
        .bind(worker.schedules_json)
        .bind(worker.subdomain_enabled)
        .bind(worker.previews_enabled)
        .bind(worker.modified_on)
        .bind(worker.account_id)
        .bind(worker.tag)
        .run();
    if (db.changes() == 0) return no_worker();
    return {};
  });
}

Status SqliteWorkerStore::set_schedules(const model::Worker& worker, const std::vector<NextRun>& schedules) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE workers SET schedules_json = ?, modified_on = ? WHERE account_id = ? AND tag = ? AND "
          "deleted_on IS NULL")
        .bind(worker.schedules_json)
        .bind(worker.modified_on)
        .bind(worker.account_id)
        .bind(worker.tag)
        .run();
    if (db.changes() == 0) return no_worker();
    replace_schedules(db, worker.tag, schedules);
    return {};
  });
}

Status SqliteWorkerStore::delete_worker(const std::string& account_id, const std::string& name, TimeMs now) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<model::Worker> found = find_by_name(db, account_id, name);
    if (!found) return no_worker();
    end_worker(db, *found, now);
    return {};
  });
}

}  // namespace kiln::store::sqlite
