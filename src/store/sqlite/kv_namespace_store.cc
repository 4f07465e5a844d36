#include "store/sqlite/kv_namespace_store.h"

#include <fmt/format.h>

namespace kiln::store::sqlite {
namespace {

model::KvNamespace kv_namespace_of(const Query& row) {
  return {row.text(0), row.text(1), row.text(2), row.integer(3)};
}

tl::unexpected<Error> no_kv_namespace(const std::string& id) {
  return fail(Errc::kv_namespace_not_found,
              fmt::format("The account has no KV namespace {}; `wrangler kv namespace list` shows those that "
                          "it has.",
                          id),
              "namespace_id");
}

std::int64_t count_of_kv_namespaces(Connection& db, const std::string& account_id) {
  Query count = db.query("SELECT count(*) FROM kv_namespaces WHERE account_id = ?");
  return count.bind(account_id).step() ? count.integer(0) : 0;
}

Status check_title_free(Connection& db, const std::string& account_id, const std::string& title) {
  Query taken = db.query("SELECT id FROM kv_namespaces WHERE account_id = ? AND title = ?");
  if (!taken.bind(account_id).bind(title).step()) return {};
  return fail(Errc::conflict,
              fmt::format("A namespace with this account ID and title already exists: '{}' is {}.", title,
                          taken.text(0)),
              "title");
}

}  // namespace

Status SqliteKvNamespaceStore::add(const model::KvNamespace& space) {
  return database_.write([&](Connection& db) -> Status {
    if (Status is_free = check_title_free(db, space.account_id, space.title); !is_free) return is_free;
    if (count_of_kv_namespaces(db, space.account_id) >= model::kMostKvNamespaces)
      return fail(Errc::conflict,
                  fmt::format("The account has {} KV namespaces, the most there may be; delete one first.",
                              model::kMostKvNamespaces),
                  "title");
    db.query("INSERT INTO kv_namespaces (id, account_id, title, created_on) VALUES (?, ?, ?, ?)")
        .bind(space.id)
        .bind(space.account_id)
        .bind(space.title)
        .bind(space.created_on)
        .run();
    return {};
  });
}

Result<Paged<model::KvNamespace>> SqliteKvNamespaceStore::namespaces(const std::string& account_id, Page page,
                                                                     KvOrder order, bool descending) {
  return database_.read([&](Connection& db) -> Result<Paged<model::KvNamespace>> {
    Paged<model::KvNamespace> out;
    out.total = static_cast<std::size_t>(count_of_kv_namespaces(db, account_id));
    const auto take = [&](Query rows) {
      rows.bind(account_id).bind(page.per_page).bind((std::int64_t{page.page} - 1) * page.per_page);
      while (rows.step()) out.items.push_back(kv_namespace_of(rows));
    };
    if (order == KvOrder::title && descending) {
      take(
          db.query("SELECT id, account_id, title, created_on FROM kv_namespaces WHERE account_id = ? "
                   "ORDER BY title DESC LIMIT ? OFFSET ?"));
    } else if (order == KvOrder::title) {
      take(
          db.query("SELECT id, account_id, title, created_on FROM kv_namespaces WHERE account_id = ? "
                   "ORDER BY title LIMIT ? OFFSET ?"));
    } else if (descending) {
      take(
          db.query("SELECT id, account_id, title, created_on FROM kv_namespaces WHERE account_id = ? "
                   "ORDER BY id DESC LIMIT ? OFFSET ?"));
    } else {
      take(
          db.query("SELECT id, account_id, title, created_on FROM kv_namespaces WHERE account_id = ? "
                   "ORDER BY id LIMIT ? OFFSET ?"));
    }
    return out;
  });
}

Result<model::KvNamespace> SqliteKvNamespaceStore::find(const std::string& account_id,
                                                        const std::string& id) {
  return database_.read([&](Connection& db) -> Result<model::KvNamespace> {
    Query row = db.query(
        "SELECT id, account_id, title, created_on FROM kv_namespaces WHERE account_id = ? AND id = ?");
    if (!row.bind(account_id).bind(id).step()) return no_kv_namespace(id);
    return kv_namespace_of(row);
  });
}

Status SqliteKvNamespaceStore::rename(const std::string& account_id, const std::string& id,
                                      const std::string& title) {
  return database_.write([&](Connection& db) -> Status {
    Query now = db.query("SELECT title FROM kv_namespaces WHERE account_id = ? AND id = ?");
    if (!now.bind(account_id).bind(id).step()) return no_kv_namespace(id);
    if (now.view(0) == title) return {};
    if (Status is_free = check_title_free(db, account_id, title); !is_free) return is_free;
    db.query("UPDATE kv_namespaces SET title = ? WHERE id = ?").bind(title).bind(id).run();
    return {};
  });
}

Status SqliteKvNamespaceStore::remove(const std::string& account_id, const std::string& id) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM kv_namespaces WHERE account_id = ? AND id = ?").bind(account_id).bind(id).run();
    return db.changes() == 0 ? Status(no_kv_namespace(id)) : Status();
  });
}

Result<std::set<std::string>> SqliteKvNamespaceStore::all_ids() {
  return database_.read([&](Connection& db) -> Result<std::set<std::string>> {
    std::set<std::string> ids;
    Query rows = db.query("SELECT id FROM kv_namespaces");
    while (rows.step()) ids.insert(rows.text(0));
    return ids;
  });
}

}  // namespace kiln::store::sqlite
