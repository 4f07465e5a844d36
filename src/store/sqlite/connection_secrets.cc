// The credentials and hooks of connections.
#include "base/log.h"
#include "model/clone_url.h"
#include "store/sqlite/connection_store.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {

Status SqliteConnectionStore::set_clone_authorization(const Uuid& connection,
                                                      const std::string& authorization) {
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

Result<std::string> SqliteConnectionStore::clone_authorization(const Uuid& connection) {
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

Status SqliteConnectionStore::seal_credentials_in_urls() {
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

Status SqliteConnectionStore::set_hook(const Uuid& connection, const std::string& hook_id,
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

Result<std::optional<ConnectionStore::Hook>> SqliteConnectionStore::hook(const Uuid& connection) {
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

Result<std::optional<model::RepoConnection>> SqliteConnectionStore::connection_by_hook_id(
    const std::string& hook_id) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::RepoConnection>> {
    Query row = db.query("SELECT uuid FROM repo_connections WHERE hook_id = ? AND deleted_on IS NULL");
    if (!row.bind(hook_id).step()) return std::nullopt;
    return load_connection(db, row.uuid(0));
  });
}

}  // namespace kiln::store::sqlite
