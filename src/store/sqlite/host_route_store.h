// Routes and custom domains over the database. Owned by app; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "store/host_route_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteHostRouteStore final : public HostRouteStore {
 public:
  explicit SqliteHostRouteStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<model::HostRoute>> host_routes(const std::string& account_id) override;
  [[nodiscard]] Status set_host_routes(const model::Worker& worker, model::HostRoute::Kind kind,
                                       const std::vector<model::HostRoute>& routes,
                                       RouteChange change) override;
  [[nodiscard]] Status check_host_routes(const std::vector<model::HostRoute>& routes) override;
  [[nodiscard]] Status put_host_route(const model::HostRoute& route, bool take_over) override;
  [[nodiscard]] Status delete_host_route(const std::string& account_id, const std::string& id) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
