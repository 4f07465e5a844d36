#include "store/sqlite/host_route_store.h"

#include "store/sqlite/host_route_rows.h"
#include "store/sqlite/worker_rows.h"

namespace kiln::store::sqlite {

Result<std::vector<model::HostRoute>> SqliteHostRouteStore::host_routes(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::HostRoute>> {
    return read_host_routes(db, account_id);
  });
}

Status SqliteHostRouteStore::set_host_routes(const model::Worker& worker, model::HostRoute::Kind kind,
                                             const std::vector<model::HostRoute>& routes,
                                             RouteChange change) {
  return database_.write([&](Connection& db) -> Status {
    if (!worker_lives(db, worker.account_id, worker.tag)) return no_worker();
    for (const model::HostRoute& route : routes) {
      const Taking taking = change.take_over ? Taking::others : Taking::own;
      if (Status written = write_host_route(db, route, taking); !written) return written;
    }
    if (change.replace) drop_other_routes(db, worker.tag, kind, routes);
    return {};
  });
}

Status SqliteHostRouteStore::check_host_routes(const std::vector<model::HostRoute>& routes) {
  return database_.read([&](Connection& db) -> Status {
    for (const model::HostRoute& route : routes) {
      if (Status free = check_host_route(db, route, Taking::own); !free) return free;
    }
    return {};
  });
}

Status SqliteHostRouteStore::put_host_route(const model::HostRoute& route, bool take_over) {
  return database_.write([&](Connection& db) -> Status {
    if (!route.worker_tag.empty() && !worker_lives(db, route.account_id, route.worker_tag))
      return no_worker();
    const Taking own = route.kind == model::HostRoute::Kind::domain ? Taking::own : Taking::nothing;
    return write_host_route(db, route, take_over ? Taking::others : own);
  });
}

Status SqliteHostRouteStore::delete_host_route(const std::string& account_id, const std::string& id) {
  return database_.write([&](Connection& db) -> Status {
    if (drop_host_route(db, account_id, id)) return {};
    return fail(Errc::not_found, "There is no such route.");
  });
}

}  // namespace kiln::store::sqlite
