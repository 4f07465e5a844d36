#include "store/sqlite/connection_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "model/clone_url.h"
#include "model/repo_place.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {
namespace {

// Hosts' clocks differ by so much at most.
constexpr TimeMs kHostClockSlackMs = TimeMs{10} * 60'000;

std::optional<Uuid> live_connection(Connection& db, const std::string& account_id,
                                    const std::string& provider_type, const std::string& provider_account_id,
                                    const std::string& repo_id) {
  Query row = db.query(
      "SELECT uuid FROM repo_connections WHERE account_id = ? AND provider_type = ? AND provider_account_id "
      "= ? AND repo_id = ? AND deleted_on IS NULL");
  if (!row.bind(account_id).bind(provider_type).bind(provider_account_id).bind(repo_id).step())
    return std::nullopt;
  return row.uuid(0);
}

std::optional<Uuid> same_repo_id(Connection& db, const model::RepoConnection& wanted) {
  return live_connection(db, wanted.account_id, wanted.provider_type, wanted.provider_account_id,
                         wanted.repo_id);
}

// A connection made by its place and one that knows the host's id are the same repository: whoever connects
// it again after the id was learnt must not get a second one, which would build every push twice.
std::optional<Uuid> same_place(Connection& db, const model::RepoConnection& wanted) {
  if (!model::is_provisional(wanted.repo_id)) return std::nullopt;
  const model::RepoPlace place = model::repo_place(wanted.clone_url);
  Query rows = db.query(
      "SELECT uuid, clone_url FROM repo_connections WHERE account_id = ? AND deleted_on IS NULL AND "
      "provider_type = ? ORDER BY created_on, uuid");
  rows.bind(wanted.account_id).bind(wanted.provider_type);
  while (rows.step()) {
    if (model::repo_place(rows.text(1)) == place) return rows.uuid(0);
  }
  return std::nullopt;
}

void insert_connection(Connection& db, const model::RepoConnection& fresh) {
  db.query(
        "INSERT INTO repo_connections (uuid, account_id, provider_type, provider_account_id, "
        "provider_account_name, "
        "repo_id, repo_name, clone_url, created_on, modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(fresh.uuid)
      .bind(fresh.account_id)
      .bind(fresh.provider_type)
      .bind(fresh.provider_account_id)
      .bind(fresh.provider_account_name)
      .bind(fresh.repo_id)
      .bind(fresh.repo_name)
      .bind(fresh.clone_url)
      .bind(fresh.created_on)
      .bind(fresh.modified_on)
      .run();
}

void take_new_names(Connection& db, const Uuid& uuid, const model::RepoConnection& wanted) {
  db.query(
        "UPDATE repo_connections SET provider_account_name = ?1, repo_name = ?2, "
        "clone_url = CASE WHEN ?3 = '' THEN clone_url ELSE ?3 END, modified_on = max(modified_on, ?4) WHERE "
        "uuid = ?5")
      .bind(wanted.provider_account_name)
      .bind(wanted.repo_name)
      .bind(wanted.clone_url)
      .bind(wanted.modified_on)
      .bind(uuid)
      .run();
}

// What was meant for one host is shown to no other.
void drop_credentials_of_another_host(Connection& db, const Uuid& uuid, const std::string& clone_url) {
  const std::optional<model::RepoConnection> before = load_connection(db, uuid);
  if (clone_url.empty() || !before || before->clone_url == clone_url) return;
  if (!model::same_origin(before->clone_url, clone_url))
    db.query("UPDATE repo_connections SET clone_auth_sealed = NULL WHERE uuid = ?").bind(uuid).run();
  if (model::repo_place(before->clone_url).host == model::repo_place(clone_url).host) return;
  db.query("UPDATE repo_connections SET host_keys = '' WHERE uuid = ?").bind(uuid).run();
  db.query("DELETE FROM connection_secrets WHERE connection_uuid = ? AND kind <> 'hook'").bind(uuid).run();
}

Result<model::RepoConnection> stored_connection(Connection& db, const Uuid& uuid) {
  std::optional<model::RepoConnection> found = load_connection(db, uuid);
  if (!found) return no_connection(uuid);
  return std::move(*found);
}

}  // namespace

Result<model::RepoConnection> SqliteConnectionStore::upsert_connection(
    const model::RepoConnection& connection) {
  return database_.write([&](Connection& db) -> Result<model::RepoConnection> {
    std::optional<Uuid> existing = same_repo_id(db, connection);
    if (!existing) existing = same_place(db, connection);
    if (existing) {
      drop_credentials_of_another_host(db, *existing, connection.clone_url);
      take_new_names(db, *existing, connection);
      return stored_connection(db, *existing);
    }
    insert_connection(db, connection);
    return stored_connection(db, connection.uuid);
  });
}

Result<std::optional<model::RepoConnection>> SqliteConnectionStore::follow_rename(
    const model::RepoConnection& renamed, TimeMs at_host) {
  return database_.write([&](Connection& db) -> Result<std::optional<model::RepoConnection>> {
    const std::optional<model::RepoConnection> known = load_connection(db, renamed.uuid);
    if (!known || known->deleted_on) return no_connection(renamed.uuid);
    // A host whose clock is far ahead names it again by its right clock, some day.
    const TimeMs told_on = std::min(at_host, database_.now() + kHostClockSlackMs);
    db.query(
          "UPDATE repo_connections SET renamed_on = max(renamed_on, ?1) WHERE uuid = ?2 AND (?1 = 0 OR "
          "renamed_on <= ?1)")
        .bind(told_on)
        .bind(renamed.uuid)
        .run();
    if (db.changes() == 0) return std::optional<model::RepoConnection>();
    drop_credentials_of_another_host(db, renamed.uuid, renamed.clone_url);
    take_new_names(db, renamed.uuid, renamed);
    return load_connection(db, renamed.uuid);
  });
}

Result<model::RepoConnection> SqliteConnectionStore::connection(const std::string& account_id,
                                                                const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<model::RepoConnection> {
    std::optional<model::RepoConnection> found = load_connection(db, uuid);
    if (!found || found->account_id != account_id || found->deleted_on) return no_connection(uuid);
    return std::move(*found);
  });
}

Result<std::vector<model::RepoConnection>> SqliteConnectionStore::connections(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::RepoConnection>> {
    Query rows = db.query(
        "SELECT uuid FROM repo_connections WHERE account_id = ? AND deleted_on IS NULL ORDER BY created_on, "
        "uuid");
    return load_connections(db, all_uuids(rows.bind(account_id)));
  });
}

Result<std::optional<model::RepoConnection>> SqliteConnectionStore::connection_of_repo(
    const std::string& account_id, const std::string& provider_type, const std::string& provider_account_id,
    const std::string& repo_id) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::RepoConnection>> {
    const std::optional<Uuid> uuid =
        live_connection(db, account_id, provider_type, provider_account_id, repo_id);
    return uuid ? load_connection(db, *uuid) : std::nullopt;
  });
}

Result<std::vector<model::RepoConnection>> SqliteConnectionStore::connections_of_repo(
    const std::string& provider_type, const std::string& repo_id, const std::string& full_name) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::RepoConnection>> {
    std::vector<model::RepoConnection> found;
    const auto add = [&](Query& rows) {
      for (model::RepoConnection& one : load_connections(db, all_uuids(rows)))
        found.push_back(std::move(one));
    };
    // An id or a name that the event does not carry matches nothing.
    if (!repo_id.empty()) {
      Query rows = db.query(
          "SELECT uuid FROM repo_connections WHERE provider_type = ? AND repo_id = ? AND deleted_on IS NULL");
      add(rows.bind(provider_type).bind(repo_id));
    }
    if (const std::size_t slash = full_name.rfind('/'); slash != std::string::npos) {
      const std::string owner = full_name.substr(0, slash);
      Query rows = db.query(
          "SELECT uuid FROM repo_connections WHERE provider_type = ? AND repo_name = ? COLLATE NOCASE AND "
          "provider_account_name = ? COLLATE NOCASE AND deleted_on IS NULL AND repo_id >= 'provisional:' AND "
          "repo_id < 'provisional;' AND repo_id <> ?");
      rows.bind(provider_type).bind(full_name.substr(slash + 1)).bind(owner.substr(owner.rfind('/') + 1));
      add(rows.bind(repo_id));
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
      return std::tie(a.created_on, a.uuid) < std::tie(b.created_on, b.uuid);
    });
    return found;
  });
}

Result<std::vector<model::RepoConnection>> SqliteConnectionStore::connections_of_provider(
    const std::string& provider_type, std::size_t most) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::RepoConnection>> {
    // Provisional ids begin with a letter.
    Query rows = db.query(
        "SELECT uuid FROM repo_connections WHERE provider_type = ? AND deleted_on IS NULL ORDER BY repo_id "
        "DESC LIMIT ?");
    return load_connections(db, all_uuids(rows.bind(provider_type).bind(static_cast<std::int64_t>(most))));
  });
}

Status SqliteConnectionStore::learn_repo_id(const Uuid& connection, const std::string& repo_id, TimeMs now) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<model::RepoConnection> found = load_connection(db, connection);
    if (!found || found->deleted_on) return no_connection(connection);
    if (!model::is_provisional(found->repo_id)) return {};
    model::RepoConnection learnt = *found;
    learnt.repo_id = repo_id;
    if (same_repo_id(db, learnt)) {
      return fail(Errc::conflict,
                  fmt::format("the account has another connection of this repository (id {})", repo_id),
                  "repo_id");
    }
    db.query("UPDATE repo_connections SET repo_id = ?, modified_on = max(modified_on, ?) WHERE uuid = ?")
        .bind(repo_id)
        .bind(now)
        .bind(connection)
        .run();
    return {};
  });
}

Status SqliteConnectionStore::delete_connection(const std::string& account_id, const Uuid& uuid, TimeMs now) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<model::RepoConnection> found = load_connection(db, uuid);
    if (!found || found->account_id != account_id || found->deleted_on) return no_connection(uuid);
    Query used =
        db.query("SELECT name FROM triggers WHERE connection_uuid = ? AND deleted_on IS NULL LIMIT 1");
    if (used.bind(uuid).step()) {
      return fail(Errc::conflict,
                  fmt::format("the trigger \"{}\" uses this repository connection; delete its triggers first",
                              used.text(0)),
                  "repo_connection_uuid");
    }
    end_connection(db, uuid, now);
    return {};
  });
}

}  // namespace kiln::store::sqlite
