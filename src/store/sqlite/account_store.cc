#include "store/sqlite/account_store.h"

#include <fmt/format.h>

#include "store/sqlite/rows_json.h"

namespace kiln::store::sqlite {
namespace {

// A use is noted at most once in this time: a write for every request would cost a disk flush each.
constexpr TimeMs kUseResolutionMs = 60'000;

model::Account account_of(const Query& row) {
  return {row.text(0), row.text(1), row.text(2), row.integer(3), row.maybe_integer(4)};
}

model::Permissions permissions_of(const std::string& text) {
  const std::optional<model::Permissions> permissions = model::Permissions::parse(text);
  if (!permissions) throw SqlError(SQLITE_CORRUPT, "a stored token's permissions are damaged");
  return *permissions;
}

std::optional<model::Account> oldest_account(Connection& db) {
  Query row = db.query(
      "SELECT id, name, subdomain, created_on, build_minutes FROM accounts WHERE deleted_on IS NULL ORDER BY "
      "created_on, id LIMIT 1");
  if (!row.step()) return std::nullopt;
  return account_of(row);
}

void insert_account(Connection& db, const model::Account& account) {
  db.query("INSERT INTO accounts (id, name, subdomain, created_on, build_minutes) VALUES (?, ?, ?, ?, ?)")
      .bind(account.id)
      .bind(account.name)
      .bind(account.subdomain)
      .bind(account.created_on)
      .bind(account.build_minutes)
      .run();
}

Status check_free(Connection& db, const std::string& id, const std::string& subdomain) {
  Query row = db.query("SELECT name FROM accounts WHERE subdomain = ? AND id <> ?");
  if (!row.bind(subdomain).bind(id).step()) return {};
  return fail(
      Errc::conflict,
      fmt::format("the account {} has the subdomain {} already; choose another", row.text(0), subdomain),
      "subdomain");
}

model::Principal principal_of(const Query& row) {
  model::Principal out;
  out.token_id = row.uuid(0).str();
  out.account_id = row.text(1);
  out.name = row.text(2);
  out.permissions = permissions_of(row.text(3));
  out.is_admin = out.permissions.admin;
  out.expires_on = row.maybe_integer(4);
  return out;
}

// By the secret that it has, or by the one before.
std::optional<model::Principal> api_token(Connection& db, const std::string& secret_hash, TimeMs now) {
  Query row = db.query(
      "SELECT id, account_id, name, permissions, expires_on FROM api_tokens "
      "WHERE secret_hash = ? AND revoked_on IS NULL AND (expires_on IS NULL OR expires_on > ?)");
  Query rotated = db.query(
      "SELECT id, account_id, name, permissions, min(old_until, coalesce(expires_on, old_until)) FROM "
      "api_tokens WHERE old_secret_hash = ? AND revoked_on IS NULL AND old_until > ? AND (expires_on IS NULL "
      "OR expires_on > ?)");
  if (row.bind_blob(secret_hash).bind(now).step()) return principal_of(row);
  if (rotated.bind_blob(secret_hash).bind(now).bind(now).step()) return principal_of(rotated);
  return std::nullopt;
}

std::optional<model::Principal> build_token(Connection& db, const std::string& secret_hash) {
  Query row = db.query(
      "SELECT b.uuid, b.account_id, b.worker_tag, w.name, b.branch, t.branch_includes_json FROM builds b "
      "JOIN workers w ON w.tag = b.worker_tag JOIN triggers t ON t.uuid = b.trigger_uuid "
      "WHERE b.api_token_hash = ? AND b.lease_until IS NOT NULL AND b.status <> 'stopped'");
  if (!row.bind_blob(secret_hash).step()) return std::nullopt;
  model::Principal out;
  const Uuid build = row.uuid(0);
  out.account_id = row.text(1);
  out.token_id = fmt::format("build:{}", build.str());
  out.name = fmt::format("build {}", build.str());
  out.permissions.scripts_read = true;
  out.permissions.scripts_write = true;
  out.build = model::BuildScope{build, row.text(2), row.text(3), row.text(4),
                                model::cache_trust_of(strings_from_json(row.text(5)), row.text(4))};
  return out;
}

}  // namespace

Result<std::vector<model::Account>> SqliteAccountStore::accounts() {
  return database_.read([](Connection& db) -> Result<std::vector<model::Account>> {
    std::vector<model::Account> out;
    Query row = db.query(
        "SELECT id, name, subdomain, created_on, build_minutes FROM accounts WHERE deleted_on IS NULL ORDER "
        "BY created_on, id");
    while (row.step()) out.push_back(account_of(row));
    return out;
  });
}

Result<model::Account> SqliteAccountStore::account(const std::string& id) {
  return database_.read([&](Connection& db) -> Result<model::Account> {
    Query row = db.query(
        "SELECT id, name, subdomain, created_on, build_minutes FROM accounts WHERE id = ? AND deleted_on IS "
        "NULL");
    if (!row.bind(id).step()) return fail(Errc::not_found, "there is no account " + id);
    return account_of(row);
  });
}

Status SqliteAccountStore::add_account(const model::Account& account) {
  return database_.write([&](Connection& db) -> Status {
    if (Status free = check_free(db, account.id, account.subdomain); !free) return free;
    insert_account(db, account);
    return {};
  });
}

Status SqliteAccountStore::set_subdomain(const std::string& id, const std::string& subdomain) {
  return database_.write([&](Connection& db) -> Status {
    if (Status free = check_free(db, id, subdomain); !free) return free;
    db.query("UPDATE accounts SET subdomain = ? WHERE id = ?").bind(subdomain).bind(id).run();
    if (db.changes() == 0) return fail(Errc::not_found, "there is no account " + id);
    return {};
  });
}

Status SqliteAccountStore::set_name(const std::string& id, const std::string& name) {
  return database_.write([&](Connection& db) -> Status {
    db.query("UPDATE accounts SET name = ? WHERE id = ? AND deleted_on IS NULL").bind(name).bind(id).run();
    if (db.changes() == 0) return fail(Errc::not_found, "there is no account " + id);
    return {};
  });
}

Status SqliteAccountStore::set_build_minutes(const std::string& id, std::optional<std::int64_t> minutes) {
  return database_.write([&](Connection& db) -> Status {
    db.query("UPDATE accounts SET build_minutes = ? WHERE id = ?").bind(minutes).bind(id).run();
    if (db.changes() == 0) return fail(Errc::not_found, "there is no account " + id);
    return {};
  });
}

Result<model::Account> SqliteAccountStore::default_account(const model::Account& fresh) {
  return database_.write([&](Connection& db) -> Result<model::Account> {
    if (std::optional<model::Account> found = oldest_account(db)) return std::move(*found);
    insert_account(db, fresh);
    return fresh;
  });
}

Status SqliteAccountStore::add_token(const model::ApiToken& token, const std::string& secret_hash) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "INSERT INTO api_tokens (id, account_id, name, secret_hash, permissions, created_on, expires_on) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)")
        .bind(token.id)
        .bind(token.account_id)
        .bind(token.name)
        .bind_blob(secret_hash)
        .bind(token.permissions.str())
        .bind(token.created_on)
        .bind(token.expires_on)
        .run();
    return {};
  });
}

Status SqliteAccountStore::revoke_token(const std::string& account_id, const Uuid& id) {
  return database_.write([&](Connection& db) -> Status {
    db.query("UPDATE api_tokens SET revoked_on = coalesce(revoked_on, ?) WHERE id = ? AND account_id = ?")
        .bind(database_.now())
        .bind(id)
        .bind(account_id)
        .run();
    if (db.changes() == 0) return fail(Errc::not_found, fmt::format("there is no API token {}", id.str()));
    return {};
  });
}

Status SqliteAccountStore::rotate_token(const std::string& account_id, const Uuid& id,
                                        const std::string& secret_hash, TimeMs keep_ms) {
  return database_.write([&](Connection& db) -> Status {
    Query live = db.query("SELECT revoked_on FROM api_tokens WHERE id = ? AND account_id = ?");
    if (!live.bind(id).bind(account_id).step())
      return fail(Errc::not_found, fmt::format("there is no API token {}", id.str()));
    if (live.maybe_integer(0))
      return fail(Errc::conflict, "the token is revoked; make another: kiln token create");
    db.query(
          "UPDATE api_tokens SET old_secret_hash = CASE WHEN ?1 > 0 THEN secret_hash END, old_until = CASE "
          "WHEN ?1 > 0 THEN ?2 END, secret_hash = ?3 WHERE id = ?4")
        .bind(keep_ms)
        .bind(database_.now() + keep_ms)
        .bind_blob(secret_hash)
        .bind(id)
        .run();
    return {};
  });
}

Result<std::vector<model::ApiToken>> SqliteAccountStore::list_tokens(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::ApiToken>> {
    std::vector<model::ApiToken> out;
    Query row = db.query(
        "SELECT id, account_id, name, permissions, created_on, expires_on, last_used_on, revoked_on, "
        "old_until "
        "FROM api_tokens WHERE account_id = ? ORDER BY created_on, id");
    row.bind(account_id);
    while (row.step()) {
      out.push_back({row.uuid(0), row.text(1), row.text(2), permissions_of(row.text(3)), row.integer(4),
                     row.maybe_integer(5), row.maybe_integer(6), row.maybe_integer(7), row.maybe_integer(8)});
    }
    return out;
  });
}

Result<std::optional<model::Principal>> SqliteAccountStore::find_principal(const std::string& secret_hash) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::Principal>> {
    if (std::optional<model::Principal> found = api_token(db, secret_hash, database_.now())) return found;
    return build_token(db, secret_hash);
  });
}

void SqliteAccountStore::touch_token(const std::string& token_id) {
  const std::optional<Uuid> id = Uuid::parse(token_id);
  if (!id) return;
  const TimeMs now = database_.now();
  const Result<bool> due = database_.read([&](Connection& db) -> Result<bool> {
    Query row = db.query("SELECT 1 FROM api_tokens WHERE id = ? AND coalesce(last_used_on, 0) <= ?");
    return row.bind(*id).bind(now - kUseResolutionMs).step();
  });
  if (!due || !*due) return;
  (void)database_.write([&](Connection& db) -> Status {
    db.query("UPDATE api_tokens SET last_used_on = max(coalesce(last_used_on, 0), ?) WHERE id = ?")
        .bind(now)
        .bind(*id)
        .run();
    return {};
  });
}

}  // namespace kiln::store::sqlite
