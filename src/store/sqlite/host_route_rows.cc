#include "store/sqlite/host_route_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace kiln::store::sqlite {
namespace {

using model::HostRoute;

HostRoute row_to_host_route(const Query& row) {
  HostRoute route;
  route.pattern = row.text(0);
  route.id = row.text(1);
  route.account_id = row.text(2);
  if (!row.is_null(3)) route.worker_tag = row.text(3);
  if (!row.is_null(4)) route.worker_name = row.text(4);
  route.kind = row.integer(5) != 0 ? HostRoute::Kind::domain : HostRoute::Kind::route;
  route.enabled = row.integer(6) != 0;
  route.created_on = row.integer(7);
  route.subdomain = row.text(8);
  return route;
}

std::vector<HostRoute> all_rows(Query& query) {
  std::vector<HostRoute> found;
  while (query.step()) found.push_back(row_to_host_route(query));
  return found;
}

std::optional<HostRoute> host_route_at(Connection& db, const std::string& pattern) {
  Query query = db.query("SELECT * FROM named_host_routes WHERE pattern = ?");
  if (!query.bind(pattern).step()) return std::nullopt;
  return row_to_host_route(query);
}

std::optional<std::string> null_if_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// Of whoever has the pattern, if it may not be taken from them.
Status check_free(const HostRoute& there, const HostRoute& wanted, Taking taking) {
  const bool same_account = there.account_id == wanted.account_id;
  const bool own = taking != Taking::nothing && there.worker_tag == wanted.worker_tag;
  if (same_account && (taking == Taking::others || own || there.id == wanted.id)) return {};
  const std::string owner = !same_account               ? "another account"
                            : there.worker_name.empty() ? "a route without a Worker"
                                                        : "the Worker '" + there.worker_name + "'";
  if (wanted.kind == HostRoute::Kind::domain) {
    return fail(
        Errc::hostname_taken,
        fmt::format("The custom domain {} belongs to {}. Take it from there first, or choose another.",
                    wanted.pattern, owner),
        "hostname");
  }
  return fail(Errc::route_taken,
              fmt::format("A route with the pattern {} exists already and belongs to {}. Take it from there "
                          "first, or choose another.",
                          wanted.pattern, owner),
              "pattern");
}

}  // namespace

std::vector<HostRoute> read_host_routes(Connection& db) {
  Query query = db.query("SELECT * FROM named_host_routes ORDER BY pattern");
  return all_rows(query);
}

std::vector<HostRoute> read_host_routes(Connection& db, const std::string& account_id) {
  Query query = db.query("SELECT * FROM named_host_routes WHERE account_id = ? ORDER BY pattern");
  query.bind(account_id);
  return all_rows(query);
}

std::vector<HostRoute> read_worker_routes(Connection& db, const std::string& worker_tag) {
  Query query = db.query("SELECT * FROM named_host_routes WHERE worker_tag = ? ORDER BY pattern");
  query.bind(worker_tag);
  return all_rows(query);
}

Status check_host_route(Connection& db, const HostRoute& route, Taking taking) {
  const std::optional<HostRoute> there = host_route_at(db, route.pattern);
  return there ? check_free(*there, route, taking) : Status();
}

Status write_host_route(Connection& db, const HostRoute& route, Taking taking) {
  const std::optional<HostRoute> there = host_route_at(db, route.pattern);
  if (there) {
    if (Status free = check_free(*there, route, taking); !free) return free;
    if (there->id != route.id) {
      // It is that one, on another Worker; its id stays.
      db.query("UPDATE host_routes SET worker_tag = ?, enabled = ? WHERE pattern = ?")
          .bind(null_if_empty(route.worker_tag))
          .bind(route.enabled)
          .bind(route.pattern)
          .run();
      return {};
    }
  }
  db.query("DELETE FROM host_routes WHERE id = ? AND account_id = ?")
      .bind(route.id)
      .bind(route.account_id)
      .run();
  db.query(
        "INSERT INTO host_routes (pattern, id, account_id, worker_tag, whole_host, enabled, created_on) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(route.pattern)
      .bind(route.id)
      .bind(route.account_id)
      .bind(null_if_empty(route.worker_tag))
      .bind(route.kind == HostRoute::Kind::domain)
      .bind(route.enabled)
      .bind(route.created_on)
      .run();
  return {};
}

void drop_other_routes(Connection& db, const std::string& worker_tag, HostRoute::Kind kind,
                       const std::vector<HostRoute>& kept) {
  for (const HostRoute& route : read_worker_routes(db, worker_tag)) {
    const bool stays = route.kind != kind || std::any_of(kept.begin(), kept.end(), [&](const HostRoute& one) {
                         return one.pattern == route.pattern;
                       });
    if (!stays) (void)drop_host_route(db, route.account_id, route.id);
  }
}

bool drop_host_route(Connection& db, const std::string& account_id, const std::string& id) {
  db.query("DELETE FROM host_routes WHERE id = ? AND account_id = ?").bind(id).bind(account_id).run();
  return db.changes() != 0;
}

void drop_host_routes(Connection& db, const std::string& worker_tag) {
  db.query("DELETE FROM host_routes WHERE worker_tag = ?").bind(worker_tag).run();
}

}  // namespace kiln::store::sqlite
