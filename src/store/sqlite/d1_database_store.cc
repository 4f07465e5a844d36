#include "store/sqlite/d1_database_store.h"

#include <fmt/format.h>

namespace kiln::store::sqlite {
namespace {

model::D1Database d1_database_of(const Query& row) {
  const std::optional<Uuid> id = Uuid::parse(row.view(0));
  if (!id) throw SqlError(SQLITE_CORRUPT, "a stored D1 database has no uuid");
  return {*id, row.text(1), row.text(2), row.integer(3)};
}

tl::unexpected<Error> no_d1_database(const std::string& id_or_name) {
  return fail(
      Errc::not_found,
      fmt::format("The database {} could not be found; `wrangler d1 list` shows those that the account has.",
                  id_or_name),
      "database_id");
}

}  // namespace

Status SqliteD1DatabaseStore::add(const model::D1Database& database) {
  return database_.write([&](Connection& db) -> Status {
    Query taken = db.query("SELECT id FROM d1_databases WHERE account_id = ? AND name = ?");
    if (taken.bind(database.account_id).bind(database.name).step())
      return fail(
          Errc::conflict,
          fmt::format("Database with name '{}' already exists: it is {}.", database.name, taken.text(0)),
          "name");
    Query count = db.query("SELECT count(*) FROM d1_databases WHERE account_id = ?");
    if (count.bind(database.account_id).step() && count.integer(0) >= model::kMostD1Databases)
      return fail(Errc::conflict,
                  fmt::format("The account has {} D1 databases, the most there may be; delete one first.",
                              model::kMostD1Databases),
                  "account");
    db.query("INSERT INTO d1_databases (id, account_id, name, created_on) VALUES (?, ?, ?, ?)")
        .bind(database.id.str())
        .bind(database.account_id)
        .bind(database.name)
        .bind(database.created_on)
        .run();
    return {};
  });
}

Result<Paged<model::D1Database>> SqliteD1DatabaseStore::databases(const std::string& account_id, Page page,
                                                                  const std::string& name_part) {
  return database_.read([&](Connection& db) -> Result<Paged<model::D1Database>> {
    Paged<model::D1Database> out;
    Query count = db.query(
        "SELECT count(*) FROM d1_databases WHERE account_id = ?1 AND (?2 = '' OR instr(name, ?2) > 0)");
    if (count.bind(account_id).bind(name_part).step()) out.total = static_cast<std::size_t>(count.integer(0));
    Query rows = db.query(
        "SELECT id, account_id, name, created_on FROM d1_databases WHERE account_id = ?1 AND (?2 = '' OR "
        "instr(name, ?2) > 0) ORDER BY name LIMIT ?3 OFFSET ?4");
    rows.bind(account_id)
        .bind(name_part)
        .bind(page.per_page)
        .bind((std::int64_t{page.page} - 1) * page.per_page);
    while (rows.step()) out.items.push_back(d1_database_of(rows));
    return out;
  });
}

Result<model::D1Database> SqliteD1DatabaseStore::find(const std::string& account_id,
                                                      const std::string& id_or_name) {
  return database_.read([&](Connection& db) -> Result<model::D1Database> {
    if (const std::optional<Uuid> id = Uuid::parse(id_or_name)) {
      Query row = db.query(
          "SELECT id, account_id, name, created_on FROM d1_databases WHERE id = ? AND account_id = ?");
      if (row.bind(id->str()).bind(account_id).step()) return d1_database_of(row);
    }
    Query row = db.query(
        "SELECT id, account_id, name, created_on FROM d1_databases WHERE account_id = ? AND name = ?");
    if (!row.bind(account_id).bind(id_or_name).step()) return no_d1_database(id_or_name);
    return d1_database_of(row);
  });
}

Status SqliteD1DatabaseStore::remove(const std::string& account_id, const Uuid& id) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM d1_databases WHERE id = ? AND account_id = ?")
        .bind(id.str())
        .bind(account_id)
        .run();
    return db.changes() == 0 ? Status(no_d1_database(id.str())) : Status();
  });
}

Result<std::set<std::string>> SqliteD1DatabaseStore::all_ids() {
  return database_.read([&](Connection& db) -> Result<std::set<std::string>> {
    std::set<std::string> ids;
    Query rows = db.query("SELECT id FROM d1_databases");
    while (rows.step()) ids.insert(rows.text(0));
    return ids;
  });
}

Result<bool> SqliteD1DatabaseStore::has(const Uuid& id) {
  return database_.read([&](Connection& db) -> Result<bool> {
    Query row = db.query("SELECT 1 FROM d1_databases WHERE id = ?");
    return row.bind(id.str()).step();
  });
}

}  // namespace kiln::store::sqlite
