// Tokens, deploy keys, pinned host keys and replaced hook secrets of connections.
#include <algorithm>

#include "model/repo_place.h"
#include "store/sqlite/connection_store.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {
namespace {

constexpr const char* kToken = "token";
constexpr const char* kSshKey = "ssh_key";
constexpr const char* kOldHook = "hook";

bool is_live(Connection& db, const Uuid& connection) {
  return db.query("SELECT 1 FROM repo_connections WHERE uuid = ? AND deleted_on IS NULL")
      .bind(connection)
      .step();
}

void drop_secrets(Connection& db, const Uuid& connection, const char* kind) {
  db.query("DELETE FROM connection_secrets WHERE connection_uuid = ? AND kind = ?")
      .bind(connection)
      .bind(kind)
      .run();
}

// Those whose time is over.
void drop_ended(Connection& db, const Uuid& connection, TimeMs now) {
  db.query("DELETE FROM connection_secrets WHERE connection_uuid = ? AND ends_on <> 0 AND ends_on <= ?")
      .bind(connection)
      .bind(now)
      .run();
}

// Those that are good now, get an end.
void end_secrets(Connection& db, const Uuid& connection, const char* kind, TimeMs ends_on) {
  db.query("UPDATE connection_secrets SET ends_on = ? WHERE connection_uuid = ? AND kind = ? AND ends_on = 0")
      .bind(ends_on)
      .bind(connection)
      .bind(kind)
      .run();
}

struct NewSecret {
  const char* kind;
  TimeMs ends_on = 0;
  std::string sealed;
  std::string public_half;
};

// Later than every other of its kind, whatever the clock says: the order is by made_on.
void add_secret(Connection& db, const Uuid& connection, const NewSecret& fresh, TimeMs now) {
  db.query(
        "INSERT INTO connection_secrets (connection_uuid, kind, made_on, ends_on, sealed, public_half) "
        "VALUES "
        "(?1, ?2, max(?3, coalesce((SELECT max(made_on) + 1 FROM connection_secrets WHERE connection_uuid = "
        "?1 AND kind = ?2), 0)), ?4, ?5, ?6)")
      .bind(connection)
      .bind(fresh.kind)
      .bind(now)
      .bind(fresh.ends_on)
      .bind_blob(fresh.sealed)
      .bind(fresh.public_half)
      .run();
}

// Those of a kind that are good now, the newest first.
Result<std::vector<std::string>> secrets_of(Connection& db, const SecretBox& box, const Uuid& connection,
                                            const char* kind, TimeMs now) {
  Query rows = db.query(
      "SELECT sealed FROM connection_secrets WHERE connection_uuid = ? AND kind = ? AND (ends_on = 0 OR "
      "ends_on > ?) ORDER BY made_on DESC");
  rows.bind(connection).bind(kind).bind(now);
  std::vector<std::string> found;
  while (rows.step()) {
    Result<std::string> plain = box.unseal(rows.text(0));
    if (!plain) return context(plain.error(), "reading a connection's credentials");
    found.push_back(std::move(*plain));
  }
  return found;
}

}  // namespace

Status SqliteConnectionStore::set_token(const Uuid& connection, const std::string& token) {
  const std::string sealed = token.empty() ? std::string() : box_.seal(token, entropy_);
  return database_.write([&](Connection& db) -> Status {
    if (!is_live(db, connection)) return no_connection(connection);
    drop_secrets(db, connection, kToken);
    if (!sealed.empty()) add_secret(db, connection, {kToken, 0, sealed, {}}, database_.now());
    return {};
  });
}

Result<std::string> SqliteConnectionStore::token(const Uuid& connection) {
  return database_.read([&](Connection& db) -> Result<std::string> {
    if (!is_live(db, connection)) return no_connection(connection);
    Result<std::vector<std::string>> found = secrets_of(db, box_, connection, kToken, database_.now());
    if (!found) return tl::unexpected<Error>(found.error());
    return found->empty() ? std::string() : std::move(found->front());
  });
}

Status SqliteConnectionStore::add_deploy_key(const Uuid& connection, const std::string& private_key,
                                             const std::string& public_key) {
  const std::string sealed = box_.seal(private_key, entropy_);
  return database_.write([&](Connection& db) -> Status {
    if (!is_live(db, connection)) return no_connection(connection);
    const TimeMs now = database_.now();
    drop_ended(db, connection, now);
    end_secrets(db, connection, kSshKey, now + kOldSecretMs);
    add_secret(db, connection, {kSshKey, 0, sealed, public_key}, now);
    return {};
  });
}

Result<std::string> SqliteConnectionStore::deploy_key(const Uuid& connection) {
  return database_.read([&](Connection& db) -> Result<std::string> {
    Query row = db.query(
        "SELECT public_half FROM connection_secrets WHERE connection_uuid = ? AND kind = 'ssh_key' AND "
        "ends_on = 0");
    return row.bind(connection).step() ? row.text(0) : std::string();
  });
}

Status SqliteConnectionStore::pin_host_keys(const Uuid& connection, const std::string& host_keys) {
  return database_.write([&](Connection& db) -> Status {
    db.query("UPDATE repo_connections SET host_keys = ? WHERE uuid = ? AND deleted_on IS NULL")
        .bind(host_keys)
        .bind(connection)
        .run();
    if (db.changes() == 0) return no_connection(connection);
    return {};
  });
}

Result<model::SshAccess> SqliteConnectionStore::ssh_access(const Uuid& connection) {
  return database_.read([&](Connection& db) -> Result<model::SshAccess> {
    Query row = db.query("SELECT host_keys FROM repo_connections WHERE uuid = ? AND deleted_on IS NULL");
    if (!row.bind(connection).step()) return no_connection(connection);
    model::SshAccess access;
    access.host_keys = row.text(0);
    Result<std::vector<std::string>> keys = secrets_of(db, box_, connection, kSshKey, database_.now());
    if (!keys) return tl::unexpected<Error>(keys.error());
    access.keys = std::move(*keys);
    return access;
  });
}

Status SqliteConnectionStore::rotate_hook_secret(const Uuid& connection, const std::string& secret) {
  const std::string sealed = box_.seal(secret, entropy_);
  return database_.write([&](Connection& db) -> Status {
    Query row = db.query(
        "SELECT hook_secret_sealed FROM repo_connections WHERE uuid = ? AND deleted_on IS NULL AND hook_id "
        "IS NOT NULL");
    if (!row.bind(connection).step()) return no_connection(connection);
    const TimeMs now = database_.now();
    drop_ended(db, connection, now);
    add_secret(db, connection, {kOldHook, now + kOldSecretMs, row.text(0), {}}, now);
    db.query("UPDATE repo_connections SET hook_secret_sealed = ? WHERE uuid = ?")
        .bind_blob(sealed)
        .bind(connection)
        .run();
    return {};
  });
}

Result<std::vector<std::string>> SqliteConnectionStore::hook_secrets(const Uuid& connection) {
  const Result<std::optional<Hook>> now_good = hook(connection);
  if (!now_good) return tl::unexpected<Error>(now_good.error());
  if (!*now_good) return std::vector<std::string>();
  return database_.read([&](Connection& db) -> Result<std::vector<std::string>> {
    Result<std::vector<std::string>> all = secrets_of(db, box_, connection, kOldHook, database_.now());
    if (all) all->insert(all->begin(), (*now_good)->secret);
    return all;
  });
}

Status SqliteConnectionStore::set_provider(const Uuid& connection, const std::string& provider_type) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<model::RepoConnection> found = load_connection(db, connection);
    if (!found || found->deleted_on) return no_connection(connection);
    if (found->provider_type == provider_type) return {};
    // A host of another kind than plain git tells the repository's own id with its first hook.
    const model::RepoPlace place = model::repo_place(found->clone_url);
    const bool is_plain = found->repo_id == model::plain_repo_id(place);
    const std::string repo_id = is_plain ? model::provisional_repo_id(place) : found->repo_id;
    Query taken = db.query(
        "SELECT 1 FROM repo_connections WHERE account_id = ? AND provider_type = ? AND provider_account_id = "
        "? AND repo_id = ? AND deleted_on IS NULL");
    taken.bind(found->account_id).bind(provider_type).bind(found->provider_account_id).bind(repo_id);
    if (taken.step()) {
      return fail(Errc::conflict,
                  "the account has this repository of " + provider_type + " connected already", "provider");
    }
    db.query(
          "UPDATE repo_connections SET provider_type = ?, repo_id = ?, modified_on = max(modified_on, ?) "
          "WHERE uuid = ?")
        .bind(provider_type)
        .bind(repo_id)
        .bind(database_.now())
        .bind(connection)
        .run();
    return {};
  });
}

}  // namespace kiln::store::sqlite
