#include "api/workers/routes.h"

#include "api/workers/handlers.h"

namespace kiln::api {

void add_workers_routes(http::Router& router, const Gate& gate, WorkersDeps deps) {
  const AddRoute add = [&](const char* method, const std::string& path, Needs needs,
                           http::RouteOptions options, CallHandler handler) {
    router.add(method, "/client/v4" + path, options, gate.guard(needs, std::move(handler)));
  };
  add_user_routes(add, deps);
  add_script_routes(add, deps);
  add_settings_routes(add, deps);
  add_version_routes(add, deps);
  add_version_compare_routes(add, deps);
  add_secret_routes(add, deps);
  add_preview_routes(add, deps);
  add_content_routes(add, deps);
  add_worker_routes(add, deps);
  add_worker_version_routes(add, deps);
  add_account_routes(add, deps);
  add_zone_routes(add, deps);
  add_domain_routes(add, deps);
  add_tail_routes(router, add, deps);
  add_asset_routes(router, add, deps);
}

}  // namespace kiln::api
