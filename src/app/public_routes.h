// The one list of what the public TCP listener answers. Called by Service while it wires, once a router; no
// state.
#pragma once

#include <functional>

#include "api/audit/routes.h"
#include "api/auth.h"
#include "api/badges/routes.h"
#include "api/builds/routes.h"
#include "api/control/routes.h"
#include "api/d1/routes.h"
#include "api/forges/routes.h"
#include "api/hooks/routes.h"
#include "api/kv/routes.h"
#include "api/progress/routes.h"
#include "api/queues/routes.h"
#include "api/r2/routes.h"
#include "api/sessions/oidc_routes.h"
#include "api/sessions/routes.h"
#include "api/sinks/routes.h"
#include "api/workers/routes.h"
#include "api/workers/version_attestation.h"
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
  api::ForgesDeps forges;
  api::ProgressDeps progress;
  api::SessionDeps sessions;
  api::QueuesDeps queues;
  api::SinksDeps sinks;
  api::KvDeps kv;
  api::D1Deps d1;
  api::R2Deps r2;
  api::ControlDeps control;
  api::AuditDeps audit;
  api::BadgeDeps badges;
  api::AttestationDeps attestations;
  api::sessions::OidcProvider* oidc = nullptr;  // null: nobody signs in by a provider of identities
  std::string oidc_account{};                   // of those whom it lets in and who do not administer
};

void add_public_routes(http::Router& router, const PublicRoutes& routes);

}  // namespace kiln::app
