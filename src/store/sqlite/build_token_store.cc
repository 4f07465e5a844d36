#include "store/sqlite/build_token_store.h"

#include <fmt/format.h>

namespace kiln::store::sqlite {
namespace {

model::BuildToken token_of(const Query& row) {
  model::BuildToken out;
  out.uuid = row.uuid(0);
  out.account_id = row.text(1);
  out.name = row.text(2);
  out.cloudflare_token_id = row.text(3);
  out.owner_type = row.text(4);
  out.is_default = row.integer(5) != 0;
  out.created_on = row.integer(6);
  return out;
}

void insert_token(Connection& db, const model::BuildToken& token, bool is_default,
                  const std::string& sealed) {
  db.query(
        "INSERT INTO build_tokens (uuid, account_id, name, secret_sealed, cloudflare_token_id, owner_type, "
        "is_default, created_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(token.uuid)
      .bind(token.account_id)
      .bind(token.name)
      .bind_blob(sealed)
      .bind(token.cloudflare_token_id)
      .bind(token.owner_type)
      .bind(is_default)
      .bind(token.created_on)
      .run();
}

}  // namespace

Status SqliteBuildTokenStore::add_build_token(const model::BuildToken& token, const std::string& secret) {
  const std::string sealed = box_.seal(secret, entropy_);
  return database_.write([&](Connection& db) -> Status {
    if (token.is_default) {
      db.query("UPDATE build_tokens SET is_default = 0 WHERE account_id = ? AND is_default = 1")
          .bind(token.account_id)
          .run();
    }
    insert_token(db, token, token.is_default, sealed);
    return {};
  });
}

Result<Paged<model::BuildToken>> SqliteBuildTokenStore::build_tokens(const std::string& account_id,
                                                                     Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<model::BuildToken>> {
    Paged<model::BuildToken> out;
    Query count = db.query("SELECT count(*) FROM build_tokens WHERE account_id = ? AND deleted_on IS NULL");
    if (count.bind(account_id).step()) out.total = static_cast<std::size_t>(count.integer(0));
    Query rows = db.query(
        "SELECT uuid, account_id, name, cloudflare_token_id, owner_type, is_default, created_on FROM "
        "build_tokens WHERE account_id = ? AND deleted_on IS NULL ORDER BY created_on, rowid LIMIT ? OFFSET "
        "?");
    rows.bind(account_id).bind(page.per_page).bind((std::int64_t{page.page} - 1) * page.per_page);
    while (rows.step()) out.items.push_back(token_of(rows));
    return out;
  });
}

Result<model::BuildToken> SqliteBuildTokenStore::default_build_token(const model::BuildToken& fresh) {
  const std::string sealed = box_.seal("", entropy_);
  return database_.write([&](Connection& db) -> Result<model::BuildToken> {
    Query row = db.query(
        "SELECT uuid, account_id, name, cloudflare_token_id, owner_type, is_default, created_on FROM "
        "build_tokens WHERE account_id = ? AND is_default = 1 AND deleted_on IS NULL");
    if (row.bind(fresh.account_id).step()) return token_of(row);
    insert_token(db, fresh, true, sealed);
    model::BuildToken made = fresh;
    made.is_default = true;
    return made;
  });
}

Status SqliteBuildTokenStore::delete_build_token(const std::string& account_id, const Uuid& uuid,
                                                 TimeMs now) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE build_tokens SET deleted_on = max(created_on, ?), secret_sealed = x'' "
          "WHERE uuid = ? AND account_id = ? AND deleted_on IS NULL")
        .bind(now)
        .bind(uuid)
        .bind(account_id)
        .run();
    if (db.changes() == 0) {
      return fail(Errc::not_found, fmt::format("there is no build token {}", uuid.str()), "build_token_uuid");
    }
    return {};
  });
}

}  // namespace kiln::store::sqlite
