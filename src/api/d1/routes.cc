#include "api/d1/routes.h"

#include "api/d1/handlers.h"

namespace kiln::api {
namespace d1 {

Result<model::D1Database> database_of(const D1Deps& deps, const Call& call) {
  return deps.databases.find(call.account_id, call.request.param("database_id"));
}

}  // namespace d1

void add_d1_routes(http::Router& router, const Gate& gate, const D1Deps& deps) {
  d1::Routes routes(router, gate, deps, "/d1/database");
  d1::add_databases(routes);
  d1::add_statements(routes);
  d1::add_files(routes);
}

}  // namespace kiln::api
