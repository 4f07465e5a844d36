#include "api/control/routes.h"

#include "api/control/handlers.h"

namespace kiln::api {

void add_control_routes(http::Router& router, const Gate& gate, const ControlDeps& deps) {
  const auto shared = std::make_shared<const ControlDeps>(deps);
  control::add_status(router, gate, shared);
  control::add_doctor(router, gate, shared);
  control::add_whoami(router, gate, shared);
  control::add_accounts(router, gate, shared);
  control::add_tokens(router, gate, shared);
  control::add_connect(router, gate, shared);
  control::add_by_name(router, gate, shared);
  control::add_repositories(router, gate, shared);
  control::add_route_of(router, gate, shared);
}

void add_socket_routes(http::Router& router, const Gate& gate, const ControlDeps& deps) {
  const auto shared = std::make_shared<const ControlDeps>(deps);
  control::add_lists_by_name(router, gate, shared);
  control::add_drain(router, gate, shared);
  control::add_upkeep(router, gate, shared);
}

}  // namespace kiln::api
