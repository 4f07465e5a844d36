// Hosts to versions in SQLite. Owned by app; safe from any thread.
#pragma once

#include <string_view>

#include "store/route_resolver.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteRouteResolver final : public RouteResolver {
 public:
  explicit SqliteRouteResolver(Database& database) : database_(database) {}

  [[nodiscard]] Result<Route> route(std::string_view subdomain, std::string_view label) override;
  [[nodiscard]] Result<Route> service(std::string_view account_id, std::string_view worker) override;
  [[nodiscard]] Result<std::vector<model::HostRoute>> host_routes() override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
