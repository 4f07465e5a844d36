#include "store/sqlite/worker_store.h"

#include "store/sqlite/asset_rows.h"
#include "store/sqlite/deployment_rows.h"
#include "store/sqlite/host_route_rows.h"
#include "store/sqlite/preview_rows.h"
#include "store/sqlite/schedule_store.h"
#include "store/sqlite/version_rows.h"

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

// The account of a live Worker.
std::optional<std::string> account_of(Connection& db, const std::string& tag) {
  Query query = db.query("SELECT account_id FROM workers WHERE tag = ? AND deleted_on IS NULL");
  query.bind(tag);
  if (!query.step()) return std::nullopt;
  return query.text(0);
}

tl::unexpected<Error> no_worker() {
  return fail(Errc::worker_not_found, "This Worker does not exist on your account.");
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

// What only a live Worker has. Versions and deployments stay: builds point at them.
void erase_belongings(Connection& db, const model::Worker& worker, TimeMs now) {
  db.query("DELETE FROM version_secrets WHERE version_id IN (SELECT id FROM versions WHERE worker_tag = ?)")
      .bind(worker.tag)
      .run();
  db.query("DELETE FROM version_aliases WHERE worker_tag = ?").bind(worker.tag).run();
  db.query("DELETE FROM previews WHERE worker_tag = ?").bind(worker.tag).run();
  db.query("DELETE FROM deploy_hooks WHERE worker_tag = ?").bind(worker.tag).run();
  db.query("DELETE FROM cron_schedules WHERE worker_tag = ?").bind(worker.tag).run();
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
    erase_belongings(db, *found, now);
    db.query("UPDATE workers SET deleted_on = ?, modified_on = ? WHERE tag = ?")
        .bind(now)
        .bind(now)
        .bind(found->tag)
        .run();
    return {};
  });
}

Result<model::Version> SqliteWorkerStore::add_version(const NewVersion& fresh) {
  return database_.write([&](Connection& db) -> Result<model::Version> {
    const std::string& tag = fresh.version.worker_tag;
    const std::optional<std::string> account_id = account_of(db, tag);
    if (!account_id) return no_worker();
    if (fresh.version.build_uuid) {
      if (const Status held = check_lease(db, *fresh.version.build_uuid, tag); !held) {
        return tl::unexpected<Error>(held.error());
      }
    }
    if (const std::optional<Uuid> same = repeated_upload(db, fresh)) {
      if (std::optional<model::Version> there = read_version(db, tag, *same)) return *std::move(there);
    }
    if (fresh.version.preview_id && !has_preview(db, tag, *fresh.version.preview_id)) {
      return fail(Errc::preview_not_found, "This Worker has no such preview any more.");
    }
    if (fresh.after && base_of(db, fresh.version).value_or(Uuid{}) != *fresh.after) {
      return fail(Errc::conflict, "another version of this Worker was uploaded at the same time; try again");
    }
    if (label_taken(db, fresh.version)) {
      return fail(Errc::conflict, "another version of this Worker begins with the same 8 digits; try again");
    }
    NewVersion numbered = fresh;
    numbered.version.number = next_version_number(db, fresh.version);
    insert_version(db, numbered, box_, entropy_);
    if (fresh.version.build_uuid) note_build(db, numbered);
    db.query("UPDATE workers SET modified_on = ? WHERE tag = ?")
        .bind(fresh.version.created_on)
        .bind(tag)
        .run();
    if (fresh.deployment) {
      if (const Status deployed = insert_deployment(db, *fresh.deployment); !deployed) {
        return tl::unexpected<Error>(deployed.error());
      }
    }
    return std::move(numbered.version);
  });
}

Result<model::Version> SqliteWorkerStore::version(const std::string& worker_tag, const Uuid& id) {
  return database_.read([&](Connection& db) -> Result<model::Version> {
    std::optional<model::Version> found = read_version(db, worker_tag, id);
    if (!found) return fail(Errc::version_not_found, "This Worker has no version " + id.str() + ".");
    return *std::move(found);
  });
}

Result<std::optional<model::Version>> SqliteWorkerStore::base_version(const std::string& worker_tag) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::Version>> {
    const std::optional<Uuid> id = base_version_id(db, worker_tag);
    if (!id) return std::optional<model::Version>();
    return read_version(db, worker_tag, *id);
  });
}

Result<Paged<model::Version>> SqliteWorkerStore::versions(const std::string& worker_tag, Page page) {
  return database_.read(
      [&](Connection& db) -> Result<Paged<model::Version>> { return read_versions(db, worker_tag, page); });
}

Result<std::map<std::string, std::string>> SqliteWorkerStore::version_secrets(const Uuid& id) {
  return database_.read([&](Connection& db) { return read_secrets(db, id, box_); });
}

Result<RunnableVersion> SqliteWorkerStore::runnable_version(const Uuid& id) {
  return database_.read([&](Connection& db) -> Result<RunnableVersion> {
    Query query = db.query(
        "SELECT w.tag, w.account_id, w.name, v.previews_only, coalesce(p.settings_json, w.settings_json) "
        "FROM versions v JOIN workers w ON w.tag = v.worker_tag LEFT JOIN previews p ON p.id = v.preview_id "
        "WHERE v.id = ? AND w.deleted_on IS NULL");
    query.bind(id);
    std::optional<model::Version> version;
    if (query.step()) version = read_version(db, query.text(0), id);
    if (!version) return fail(Errc::version_not_found, "There is no version " + id.str() + ".");
    RunnableVersion found;
    found.account_id = query.text(1);
    found.worker_name = query.text(2);
    found.settings_json = query.text(4);
    std::vector<std::string> hashes;
    hashes.reserve(version->assets.size());
    for (const model::AssetFile& file : version->assets) hashes.push_back(file.hash);
    found.for_previews = query.integer(3) != 0 || version->preview_id.has_value();
    found.assets = read_known(db, found.account_id, found.worker_name, hashes, found.for_previews);
    found.version = *std::move(version);
    Result<std::map<std::string, std::string>> secrets = read_secrets(db, id, box_);
    if (!secrets) return tl::unexpected<Error>(secrets.error());
    found.secrets = *std::move(secrets);
    return found;
  });
}

Status SqliteWorkerStore::add_deployment(const model::Deployment& deployment) {
  return database_.write([&](Connection& db) -> Status {
    if (!account_of(db, deployment.worker_tag)) return no_worker();
    if (deployment.build_uuid) {
      if (Status held = check_lease(db, *deployment.build_uuid, deployment.worker_tag); !held) return held;
    }
    return insert_deployment(db, deployment);
  });
}

Result<Paged<model::Deployment>> SqliteWorkerStore::deployments(const std::string& worker_tag, Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<model::Deployment>> {
    return read_deployments(db, worker_tag, page);
  });
}

Result<std::optional<model::Deployment>> SqliteWorkerStore::deployment(const std::string& worker_tag,
                                                                       const Uuid& id) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::Deployment>> {
    return read_deployment(db, worker_tag, id);
  });
}

}  // namespace kiln::store::sqlite
