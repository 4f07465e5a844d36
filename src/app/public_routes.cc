#include "app/public_routes.h"

#include "api/health.h"
#include "api/openapi.h"

namespace kiln::app {

void add_public_routes(http::Router& router, const PublicRoutes& routes) {
  api::add_health_routes(router, routes.ready);
  api::add_openapi_route(router);
  api::add_builds_routes(router, routes.gate, routes.builds);
  api::add_workers_routes(router, routes.gate, routes.workers);
  api::add_hook_routes(router, routes.hooks);
}

}  // namespace kiln::app
