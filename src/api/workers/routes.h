// The Workers API that an unmodified wrangler, cf and the SDK need: user and accounts, scripts, versions,
// deployments, secrets, settings and static assets, all below /client/v4. Registered once by app; handlers
// keep no state.
#pragma once

#include "api/auth.h"
#include "http/router.h"
#include "store/account_store.h"
#include "workers/ports.h"
#include "workers/tails.h"

namespace kiln::api {

// Everything in it outlives the router.
struct WorkersDeps {
  workers::Ports& ports;
  store::AccountStore& accounts;
  workers::Tails& tails;
};

void add_workers_routes(http::Router& router, const Gate& gate, WorkersDeps deps);

}  // namespace kiln::api
