// The one list of what the public TCP listener answers. Called by Service while it wires, once a router; no
// state.
#pragma once

#include <functional>

#include "api/auth.h"
#include "api/builds/routes.h"
#include "api/hooks/routes.h"
#include "api/workers/routes.h"
#include "base/result.h"
#include "http/router.h"

namespace kiln::app {

// What the routes stand on; everything referred to outlives the router.
struct PublicRoutes {
  const api::Gate& gate;
  std::function<Status()> ready;  // asked at every /readyz
  api::BuildsDeps builds;
  api::WorkersDeps workers;
  api::HookDeps hooks;
};

void add_public_routes(http::Router& router, const PublicRoutes& routes);

}  // namespace kiln::app
