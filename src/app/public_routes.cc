#include "app/public_routes.h"

#include "api/health.h"
#include "api/openapi.h"

namespace kiln::app {

void add_public_routes(http::Router& router, const PublicRoutes& routes) {
  api::add_health_routes(router, routes.ready);
  api::add_openapi_route(router);
  api::add_builds_routes(router, routes.gate, routes.builds);
  api::add_progress_routes(router, routes.gate, routes.progress);
  api::add_session_routes(router, routes.gate, routes.sessions);
  api::add_oidc_routes(router, {routes.sessions, routes.oidc, routes.oidc_account});
  api::add_workers_routes(router, routes.gate, routes.workers);
  api::add_hook_routes(router, routes.hooks);
  api::add_forge_routes(router, routes.gate, routes.forges);
  api::add_queue_routes(router, routes.gate, routes.queues);
  api::add_sink_routes(router, routes.gate, routes.sinks);
  api::add_kv_routes(router, routes.gate, routes.kv);
  api::add_d1_routes(router, routes.gate, routes.d1);
  api::add_r2_routes(router, routes.gate, routes.r2);
  api::add_login_code_route(router, routes.gate, routes.sessions);
  api::add_control_routes(router, routes.gate, routes.control);
  api::add_audit_routes(router, routes.gate, routes.audit);
  api::add_badge_routes(router, routes.gate, routes.badges);
  api::add_attestation_routes(router, routes.gate, routes.attestations);
}

}  // namespace kiln::app
