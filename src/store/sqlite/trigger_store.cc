#include "store/sqlite/trigger_store.h"

#include <fmt/format.h>

#include "store/sqlite/rows_json.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {
namespace {

tl::unexpected<Error> no_trigger(const Uuid& uuid) {
  return fail(Errc::not_found, fmt::format("there is no trigger {}", uuid.str()), "trigger_uuid");
}

Status check_connection(Connection& db, const model::Trigger& trigger) {
  const Uuid& uuid = trigger.connection.uuid;
  const std::optional<model::RepoConnection> found = load_connection(db, uuid);
  if (found && found->account_id == trigger.account_id && !found->deleted_on) return {};
  return no_connection(uuid);
}

Status check_build_token(Connection& db, const model::Trigger& trigger) {
  if (!trigger.build_token_uuid) return {};
  Query row = db.query("SELECT 1 FROM build_tokens WHERE uuid = ? AND account_id = ? AND deleted_on IS NULL");
  if (row.bind(*trigger.build_token_uuid).bind(trigger.account_id).step()) return {};
  return fail(Errc::not_found, fmt::format("there is no build token {}", trigger.build_token_uuid->str()),
              "build_token_uuid");
}

Status check_worker(Connection& db, const model::Trigger& trigger) {
  Query row = db.query("SELECT 1 FROM workers WHERE tag = ? AND account_id = ? AND deleted_on IS NULL");
  if (row.bind(trigger.worker_tag).bind(trigger.account_id).step()) return {};
  return fail(
      Errc::not_found,
      fmt::format("there is no Worker with the tag \"{}\"; give its tag (32 hex digits), not its name",
                  trigger.worker_tag),
      "external_script_id");
}

// Binds what add and update both store, in this order: connection … paused.
Query& bind_settings(Query& query, const model::Trigger& trigger) {
  return query.bind(trigger.connection.uuid)
      .bind(trigger.build_token_uuid)
      .bind(trigger.name)
      .bind(trigger.build_command)
      .bind(trigger.deploy_command)
      .bind(trigger.root_directory)
      .bind(strings_to_json(trigger.branch_includes))
      .bind(strings_to_json(trigger.branch_excludes))
      .bind(strings_to_json(trigger.path_includes))
      .bind(strings_to_json(trigger.path_excludes))
      .bind(trigger.build_caching_enabled)
      .bind(trigger.require_version)
      .bind(to_string(trigger.fork_builds))
      .bind(trigger.report_path_skips)
      .bind(trigger.paused);
}

Result<model::Trigger> stored_trigger(Connection& db, const Uuid& uuid) {
  std::optional<model::Trigger> found = load_trigger(db, uuid);
  if (!found) return no_trigger(uuid);
  return std::move(*found);
}

}  // namespace

Result<model::Trigger> SqliteTriggerStore::add_trigger(const model::Trigger& trigger) {
  return database_.write([&](Connection& db) -> Result<model::Trigger> {
    if (Status ok = check_worker(db, trigger); !ok) return tl::unexpected<Error>(ok.error());
    if (Status ok = check_connection(db, trigger); !ok) return tl::unexpected<Error>(ok.error());
    if (Status ok = check_build_token(db, trigger); !ok) return tl::unexpected<Error>(ok.error());
    Query insert = db.query(
        "INSERT INTO triggers (connection_uuid, build_token_uuid, name, build_command, deploy_command, "
        "root_directory, "
        "branch_includes_json, branch_excludes_json, path_includes_json, path_excludes_json, "
        "build_caching_enabled, require_version, fork_builds, report_path_skips, paused, "
        "uuid, account_id, worker_tag, created_on, modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?)");
    bind_settings(insert, trigger)
        .bind(trigger.uuid)
        .bind(trigger.account_id)
        .bind(trigger.worker_tag)
        .bind(trigger.created_on)
        .bind(trigger.modified_on)
        .run();
    return stored_trigger(db, trigger.uuid);
  });
}

Result<model::Trigger> SqliteTriggerStore::trigger(const std::string& account_id, const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<model::Trigger> {
    std::optional<model::Trigger> found = load_trigger(db, uuid);
    if (!found || found->account_id != account_id || found->deleted_on) return no_trigger(uuid);
    return std::move(*found);
  });
}

Result<model::Trigger> SqliteTriggerStore::trigger_in_any_state(const Uuid& uuid) {
  return database_.read([&](Connection& db) { return stored_trigger(db, uuid); });
}

Result<std::vector<model::Trigger>> SqliteTriggerStore::triggers_of_worker(const std::string& account_id,
                                                                           const std::string& worker_tag) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::Trigger>> {
    Query rows = db.query(
        "SELECT uuid FROM triggers WHERE worker_tag = ? AND account_id = ? AND deleted_on IS NULL "
        "ORDER BY created_on, rowid");
    return load_triggers(db, all_uuids(rows.bind(worker_tag).bind(account_id)));
  });
}

Result<std::vector<model::Trigger>> SqliteTriggerStore::triggers_of_account(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::Trigger>> {
    Query rows = db.query(
        "SELECT uuid FROM triggers WHERE account_id = ? AND deleted_on IS NULL ORDER BY created_on, rowid");
    return load_triggers(db, all_uuids(rows.bind(account_id)));
  });
}

Result<std::vector<model::Trigger>> SqliteTriggerStore::triggers_of_connection(const Uuid& connection) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::Trigger>> {
    Query rows = db.query(
        "SELECT uuid FROM triggers WHERE connection_uuid = ? AND deleted_on IS NULL ORDER BY created_on, "
        "rowid");
    return load_triggers(db, all_uuids(rows.bind(connection)));
  });
}

Result<model::Trigger> SqliteTriggerStore::update_trigger(const model::Trigger& trigger) {
  return database_.write([&](Connection& db) -> Result<model::Trigger> {
    const std::optional<model::Trigger> before = load_trigger(db, trigger.uuid);
    if (!before || before->account_id != trigger.account_id || before->deleted_on)
      return no_trigger(trigger.uuid);
    // A token that was deleted meanwhile must not stand in the way of another change.
    if (before->connection.uuid != trigger.connection.uuid) {
      if (Status ok = check_connection(db, trigger); !ok) return tl::unexpected<Error>(ok.error());
    }
    if (before->build_token_uuid != trigger.build_token_uuid) {
      if (Status ok = check_build_token(db, trigger); !ok) return tl::unexpected<Error>(ok.error());
    }
    Query update = db.query(
        "UPDATE triggers SET connection_uuid = ?, build_token_uuid = ?, name = ?, build_command = ?, "
        "deploy_command = ?, root_directory = ?, branch_includes_json = ?, branch_excludes_json = ?, "
        "path_includes_json = ?, path_excludes_json = ?, build_caching_enabled = ?, require_version = ?, "
        "fork_builds = ?, report_path_skips = ?, paused = ?, modified_on = max(modified_on, ?) WHERE uuid = "
        "?");
    bind_settings(update, trigger).bind(trigger.modified_on).bind(trigger.uuid).run();
    return stored_trigger(db, trigger.uuid);
  });
}

Status SqliteTriggerStore::delete_trigger(const std::string& account_id, const Uuid& uuid, TimeMs now) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE triggers SET deleted_on = max(modified_on, ?1), modified_on = max(modified_on, ?1) "
          "WHERE uuid = ?2 AND account_id = ?3 AND deleted_on IS NULL")
        .bind(now)
        .bind(uuid)
        .bind(account_id)
        .run();
    if (db.changes() == 0) return no_trigger(uuid);
    // Builds carry their own copy; nobody else may find the secrets here.
    db.query("DELETE FROM trigger_variables WHERE trigger_uuid = ?").bind(uuid).run();
    return {};
  });
}

Status SqliteTriggerStore::purge_build_cache(const std::string& account_id, const Uuid& uuid) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE triggers SET cache_epoch = cache_epoch + 1 "
          "WHERE uuid = ? AND account_id = ? AND deleted_on IS NULL")
        .bind(uuid)
        .bind(account_id)
        .run();
    if (db.changes() == 0) return no_trigger(uuid);
    return {};
  });
}

Result<std::map<Uuid, std::int64_t>> SqliteTriggerStore::cache_epochs(const std::vector<Uuid>& triggers) {
  return database_.read([&](Connection& db) -> Result<std::map<Uuid, std::int64_t>> {
    std::map<Uuid, std::int64_t> epochs;
    for (const Uuid& uuid : triggers) {
      Query row = db.query("SELECT cache_epoch FROM triggers WHERE uuid = ? AND deleted_on IS NULL");
      if (row.bind(uuid).step()) epochs[uuid] = row.integer(0);
    }
    return epochs;
  });
}

}  // namespace kiln::store::sqlite
