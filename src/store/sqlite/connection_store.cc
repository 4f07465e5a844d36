// The part of the trigger store that keeps repository connections and their hooks.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/log.h"
#include "model/clone_url.h"
#include "model/repo_place.h"
#include "store/sqlite/trigger_rows.h"
#include "store/sqlite/trigger_store.h"

namespace kiln::store::sqlite {
namespace {

tl::unexpected<Error> no_connection(const Uuid& uuid) {
  return fail(Errc::not_found, fmt::format("there is no repository connection {}", uuid.str()),
              "repo_connection_uuid");
}

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

void drop_authorization_of_another_host(Connection& db, const Uuid& uuid, const std::string& clone_url) {
  const std::optional<model::RepoConnection> before = load_connection(db, uuid);
  if (clone_url.empty() || !before || model::same_origin(before->clone_url, clone_url)) return;
  db.query("UPDATE repo_connections SET clone_auth_sealed = NULL WHERE uuid = ?").bind(uuid).run();
}

Result<model::RepoConnection> stored_connection(Connection& db, const Uuid& uuid) {
  std::optional<model::RepoConnection> found = load_connection(db, uuid);
  if (!found) return no_connection(uuid);
  return std::move(*found);
}

}  // namespace

Result<model::RepoConnection> SqliteTriggerStore::upsert_connection(const model::RepoConnection& connection) {
  return database_.write([&](Connection& db) -> Result<model::RepoConnection> {
    std::optional<Uuid> existing = same_repo_id(db, connection);
    if (!existing) existing = same_place(db, connection);
    if (existing) {
      drop_authorization_of_another_host(db, *existing, connection.clone_url);
      take_new_names(db, *existing, connection);
      return stored_connection(db, *existing);
    }
    insert_connection(db, connection);
    return stored_connection(db, connection.uuid);
  });
}

Result<model::RepoConnection> SqliteTriggerStore::connection(const std::string& account_id,
                                                             const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<model::RepoConnection> {
    std::optional<model::RepoConnection> found = load_connection(db, uuid);
    if (!found || found->account_id != account_id || found->deleted_on) return no_connection(uuid);
    return std::move(*found);
  });
}

Result<std::vector<model::RepoConnection>> SqliteTriggerStore::connections(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::RepoConnection>> {
    Query rows = db.query(
        "SELECT uuid FROM repo_connections WHERE account_id = ? AND deleted_on IS NULL ORDER BY created_on, "
        "uuid");
    return load_connections(db, all_uuids(rows.bind(account_id)));
  });
}

Result<std::optional<model::RepoConnection>> SqliteTriggerStore::connection_of_repo(
    const std::string& account_id, const std::string& provider_type, const std::string& provider_account_id,
    const std::string& repo_id) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::RepoConnection>> {
    const std::optional<Uuid> uuid =
        live_connection(db, account_id, provider_type, provider_account_id, repo_id);
    return uuid ? load_connection(db, *uuid) : std::nullopt;
  });
}

Result<std::vector<model::RepoConnection>> SqliteTriggerStore::connections_of_repo(
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

Status SqliteTriggerStore::learn_repo_id(const Uuid& connection, const std::string& repo_id, TimeMs now) {
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

Status SqliteTriggerStore::delete_connection(const std::string& account_id, const Uuid& uuid, TimeMs now) {
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
    db.query(
          "UPDATE repo_connections SET deleted_on = max(modified_on, ?1), modified_on = max(modified_on, "
          "?1), hook_id = NULL, hook_secret_sealed = NULL, clone_auth_sealed = NULL WHERE uuid = ?2")
        .bind(now)
        .bind(uuid)
        .run();
    return {};
  });
}

Status SqliteTriggerStore::set_clone_authorization(const Uuid& connection, const std::string& authorization) {
  const std::string sealed = authorization.empty() ? std::string() : box_.seal(authorization, entropy_);
  return database_.write([&](Connection& db) -> Status {
    Query row =
        db.query("UPDATE repo_connections SET clone_auth_sealed = ? WHERE uuid = ? AND deleted_on IS NULL");
    if (sealed.empty()) {
      row.bind_null();
    } else {
      row.bind_blob(sealed);
    }
    row.bind(connection).run();
    if (db.changes() == 0) return no_connection(connection);
    return {};
  });
}

Result<std::string> SqliteTriggerStore::clone_authorization(const Uuid& connection) {
  return database_.read([&](Connection& db) -> Result<std::string> {
    Query row = db.query("SELECT clone_auth_sealed FROM repo_connections WHERE uuid = ?");
    if (!row.bind(connection).step()) return no_connection(connection);
    const std::string sealed = row.text(0);
    if (sealed.empty()) return std::string();
    Result<std::string> plain = box_.unseal(sealed);
    if (!plain) return context(plain.error(), "reading a connection's credentials");
    return plain;
  });
}

Status SqliteTriggerStore::seal_credentials_in_urls() {
  return database_.write([&](Connection& db) -> Status {
    Query rows = db.query("SELECT uuid FROM repo_connections WHERE clone_url LIKE 'http%://%@%'");
    for (const Uuid& uuid : all_uuids(rows)) {
      const std::optional<model::RepoConnection> found = load_connection(db, uuid);
      if (!found) continue;
      const Result<model::CleanUrl> clean = model::split_credentials(found->clone_url);
      if (!clean) {
        const std::string bare = model::without_credentials(found->clone_url);
        log::error(
            "the user and password in the address of the repository {} cannot be read ({}) and are taken out "
            "of it; give them again with kiln connect",
            bare, clean.error().message);
        db.query("UPDATE repo_connections SET clone_url = ? WHERE uuid = ?").bind(bare).bind(uuid).run();
        continue;
      }
      if (clean->authorization.empty()) continue;
      db.query("UPDATE repo_connections SET clone_url = ?, clone_auth_sealed = ? WHERE uuid = ?")
          .bind(clean->url)
          .bind_blob(box_.seal(clean->authorization, entropy_))
          .bind(uuid)
          .run();
    }
    return {};
  });
}

Status SqliteTriggerStore::set_hook(const Uuid& connection, const std::string& hook_id,
                                    const std::string& secret) {
  const std::string sealed = box_.seal(secret, entropy_);
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE repo_connections SET hook_id = ?, hook_secret_sealed = ? WHERE uuid = ? AND deleted_on IS "
          "NULL")
        .bind(hook_id)
        .bind_blob(sealed)
        .bind(connection)
        .run();
    if (db.changes() == 0) return no_connection(connection);
    return {};
  });
}

Result<std::optional<TriggerStore::Hook>> SqliteTriggerStore::hook(const Uuid& connection) {
  return database_.read([&](Connection& db) -> Result<std::optional<Hook>> {
    Query row = db.query(
        "SELECT hook_id, hook_secret_sealed FROM repo_connections "
        "WHERE uuid = ? AND deleted_on IS NULL AND hook_id IS NOT NULL");
    if (!row.bind(connection).step()) return std::nullopt;
    Result<std::string> secret = box_.unseal(row.text(1));
    if (!secret) return context(secret.error(), "reading a hook's secret");
    return Hook{row.text(0), std::move(*secret)};
  });
}

Result<std::optional<model::RepoConnection>> SqliteTriggerStore::connection_by_hook_id(
    const std::string& hook_id) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::RepoConnection>> {
    Query row = db.query("SELECT uuid FROM repo_connections WHERE hook_id = ? AND deleted_on IS NULL");
    if (!row.bind(hook_id).step()) return std::nullopt;
    return load_connection(db, row.uuid(0));
  });
}

}  // namespace kiln::store::sqlite
