#include "store/sqlite/forge_store.h"

#include <boost/json.hpp>

namespace kiln::store::sqlite {
namespace {

namespace json = boost::json;

model::ForgeRecord forge_at(const Query& row) {
  return {row.uuid(0), row.text(1), row.text(2), row.text(3), row.text(4),
          row.text(5), row.text(6), row.text(7), row.text(8), row.integer(9)};
}

std::vector<model::ForgeRecord> forges_in(Query rows) {
  std::vector<model::ForgeRecord> out;
  while (rows.step()) out.push_back(forge_at(rows));
  return out;
}

tl::unexpected<Error> no_forge() {
  return fail(Errc::not_found, "the account has set up no such forge: `kiln forge list` shows those it has",
              "forge_uuid");
}

std::string forge_secrets_json(const model::ForgeSecrets& secrets) {
  return json::serialize(json::object{{"private_key", secrets.private_key},
                                      {"webhook_secret", secrets.webhook_secret},
                                      {"token", secrets.token}});
}

}  // namespace

Result<model::ForgeRecord> SqliteForgeStore::keep_forge(const model::ForgeRecord& forge,
                                                        const model::ForgeSecrets& secrets) {
  const std::string sealed = box_.seal(forge_secrets_json(secrets), entropy_);
  return database_.write([&](Connection& db) -> Result<model::ForgeRecord> {
    Query row = db.query(
        "INSERT INTO forges (uuid, account_id, provider, web_url, api_url, app_id, app_slug, client_id, ca, "
        "secrets_sealed, created_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account_id, provider, web_url) DO UPDATE SET api_url = excluded.api_url, "
        "app_id = excluded.app_id, app_slug = excluded.app_slug, client_id = excluded.client_id, "
        "ca = excluded.ca, secrets_sealed = excluded.secrets_sealed RETURNING uuid, account_id, provider, "
        "web_url, api_url, app_id, app_slug, client_id, ca, created_on");
    row.bind(forge.uuid)
        .bind(forge.account_id)
        .bind(forge.provider)
        .bind(forge.web_url)
        .bind(forge.api_url)
        .bind(forge.app_id)
        .bind(forge.app_slug)
        .bind(forge.client_id)
        .bind(forge.ca)
        .bind_blob(sealed)
        .bind(forge.created_on);
    if (!row.step()) throw SqlError(SQLITE_INTERNAL, "an upsert returned nothing");
    model::ForgeRecord stored = forge_at(row);
    row.run();
    return stored;
  });
}

Result<std::vector<model::ForgeRecord>> SqliteForgeStore::forges(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::ForgeRecord>> {
    Query rows = db.query(
        "SELECT uuid, account_id, provider, web_url, api_url, app_id, app_slug, client_id, ca, created_on "
        "FROM forges WHERE account_id = ? ORDER BY number");
    rows.bind(account_id);
    return forges_in(std::move(rows));
  });
}

Result<std::vector<model::ForgeRecord>> SqliteForgeStore::forges_of_provider(const std::string& provider) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::ForgeRecord>> {
    Query rows = db.query(
        "SELECT uuid, account_id, provider, web_url, api_url, app_id, app_slug, client_id, ca, created_on "
        "FROM forges WHERE provider = ?");
    rows.bind(provider);
    return forges_in(std::move(rows));
  });
}

Result<model::ForgeRecord> SqliteForgeStore::forge(const std::string& account_id, const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<model::ForgeRecord> {
    Query row = db.query(
        "SELECT uuid, account_id, provider, web_url, api_url, app_id, app_slug, client_id, ca, created_on "
        "FROM forges WHERE uuid = ? AND account_id = ?");
    if (!row.bind(uuid).bind(account_id).step()) return no_forge();
    return forge_at(row);
  });
}

Result<model::ForgeSecrets> SqliteForgeStore::forge_secrets(const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<model::ForgeSecrets> {
    Query row = db.query("SELECT secrets_sealed FROM forges WHERE uuid = ?");
    if (!row.bind(uuid).step()) return no_forge();
    const Result<std::string> plain = box_.unseal(row.text(0));
    if (!plain) return context(plain.error(), "reading a forge's secrets");
    boost::system::error_code error;
    const json::value value = json::parse(*plain, error);
    if (error || !value.is_object()) return fail(Errc::corrupt, "a forge's secrets are damaged");
    const auto text = [&](const char* name) {
      const json::value* found = value.get_object().if_contains(name);
      return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
    };
    return model::ForgeSecrets{text("private_key"), text("webhook_secret"), text("token")};
  });
}

Status SqliteForgeStore::delete_forge(const std::string& account_id, const Uuid& uuid) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM forges WHERE uuid = ? AND account_id = ?").bind(uuid).bind(account_id).run();
    if (db.changes() == 0) return no_forge();
    return {};
  });
}

}  // namespace kiln::store::sqlite
