#include "store/sqlite/deploy_hook_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/deploy_hook_rows.h"

namespace kiln::store::sqlite {
namespace {

tl::unexpected<Error> no_hook() {
  return fail(Errc::not_found, "there is no such deploy hook", "deploy_hook_uuid");
}

std::optional<model::DeployHook> find_hook(Connection& db, const Uuid& uuid) {
  Query row = db.query(
      "SELECT account_id, worker_tag, name, branch, created_on, modified_on, latest_build_on "
      "FROM deploy_hooks WHERE uuid_hash = ?");
  if (!row.bind_blob(hook_hash(uuid)).step()) return std::nullopt;
  return model::DeployHook{uuid,        row.text(0),    row.text(1),    row.text(2),
                           row.text(3), row.integer(4), row.integer(5), row.maybe_integer(6)};
}

Result<model::DeployHook> hook_of(Connection& db, const std::string& account_id,
                                  const std::string& worker_tag, const Uuid& uuid) {
  std::optional<model::DeployHook> found = find_hook(db, uuid);
  if (!found || found->account_id != account_id || found->worker_tag != worker_tag) return no_hook();
  return *std::move(found);
}

// Another hook of the Worker must not have the name.
Status check_name(Connection& db, const model::DeployHook& hook) {
  Query row = db.query("SELECT 1 FROM deploy_hooks WHERE worker_tag = ? AND name = ? AND uuid_hash <> ?");
  if (!row.bind(hook.worker_tag).bind(hook.name).bind_blob(hook_hash(hook.uuid)).step()) return {};
  return fail(Errc::conflict,
              fmt::format("this Worker has a deploy hook named '{}' already; choose another deploy_hook_name",
                          hook.name),
              "deploy_hook_name");
}

Status check_worker(Connection& db, const model::DeployHook& hook) {
  Query row = db.query("SELECT 1 FROM workers WHERE tag = ? AND account_id = ? AND deleted_on IS NULL");
  if (row.bind(hook.worker_tag).bind(hook.account_id).step()) return {};
  return fail(Errc::worker_not_found, "This Worker does not exist on your account.");
}

}  // namespace

Status SqliteDeployHookStore::add_hook(const model::DeployHook& hook) {
  return database_.write([&](Connection& db) -> Status {
    if (Status ok = check_worker(db, hook); !ok) return ok;
    if (Status ok = check_name(db, hook); !ok) return ok;
    db.query(
          "INSERT INTO deploy_hooks (uuid_hash, uuid_sealed, account_id, worker_tag, name, branch, "
          "created_on, modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind_blob(hook_hash(hook.uuid))
        .bind_blob(box_.seal(hook.uuid.raw(), entropy_))
        .bind(hook.account_id)
        .bind(hook.worker_tag)
        .bind(hook.name)
        .bind(hook.branch)
        .bind(hook.created_on)
        .bind(hook.modified_on)
        .run();
    return {};
  });
}

Result<std::vector<model::DeployHook>> SqliteDeployHookStore::hooks_of_worker(const std::string& account_id,
                                                                              const std::string& worker_tag) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::DeployHook>> {
    std::vector<model::DeployHook> hooks;
    Query rows = db.query(
        "SELECT uuid_sealed, name, branch, created_on, modified_on, latest_build_on FROM deploy_hooks "
        "WHERE worker_tag = ? AND account_id = ? ORDER BY created_on, rowid");
    rows.bind(worker_tag).bind(account_id);
    while (rows.step()) {
      const Result<std::string> raw = box_.unseal(rows.text(0));
      if (!raw) return context(raw.error(), "reading a deploy hook");
      const std::optional<Uuid> uuid = Uuid::from_raw(*raw);
      if (!uuid) throw SqlError(SQLITE_CORRUPT, "a stored deploy hook's id is damaged");
      hooks.push_back({*uuid, account_id, worker_tag, rows.text(1), rows.text(2), rows.integer(3),
                       rows.integer(4), rows.maybe_integer(5)});
    }
    return hooks;
  });
}

Result<model::DeployHook> SqliteDeployHookStore::hook(const std::string& account_id,
                                                      const std::string& worker_tag, const Uuid& uuid) {
  return database_.read([&](Connection& db) { return hook_of(db, account_id, worker_tag, uuid); });
}

Result<model::DeployHook> SqliteDeployHookStore::update_hook(const model::DeployHook& hook) {
  return database_.write([&](Connection& db) -> Result<model::DeployHook> {
    Result<model::DeployHook> stored = hook_of(db, hook.account_id, hook.worker_tag, hook.uuid);
    if (!stored) return stored;
    if (Status ok = check_name(db, hook); !ok) return tl::unexpected<Error>(ok.error());
    stored->name = hook.name;
    stored->branch = hook.branch;
    stored->modified_on = std::max(stored->modified_on, hook.modified_on);
    db.query("UPDATE deploy_hooks SET name = ?, branch = ?, modified_on = ? WHERE uuid_hash = ?")
        .bind(stored->name)
        .bind(stored->branch)
        .bind(stored->modified_on)
        .bind_blob(hook_hash(hook.uuid))
        .run();
    return stored;
  });
}

Result<model::DeployHook> SqliteDeployHookStore::delete_hook(const std::string& account_id,
                                                             const std::string& worker_tag,
                                                             const Uuid& uuid) {
  return database_.write([&](Connection& db) -> Result<model::DeployHook> {
    Result<model::DeployHook> found = hook_of(db, account_id, worker_tag, uuid);
    if (!found) return found;
    db.query("DELETE FROM deploy_hooks WHERE uuid_hash = ?").bind_blob(hook_hash(uuid)).run();
    return found;
  });
}

Result<model::DeployHook> SqliteDeployHookStore::hook_by_secret(const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<model::DeployHook> {
    std::optional<model::DeployHook> found = find_hook(db, uuid);
    if (!found) return no_hook();
    return *std::move(found);
  });
}

}  // namespace kiln::store::sqlite
