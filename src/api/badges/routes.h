// The badges of Workers: switched on, shown, replaced and switched off below …/builds/workers/{script_name};
// and the picture, which needs no token, since only who was told the badge's uuid asks for it. Registered
// once by app; handlers keep no state.
#pragma once

#include <functional>
#include <string>

#include "api/auth.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "http/router.h"
#include "store/badge_store.h"
#include "store/glance_store.h"
#include "store/trigger_store.h"
#include "store/worker_store.h"

namespace kiln::api {

struct BadgeDeps {
  store::BadgeStore& badges;
  store::WorkerStore& workers;
  store::TriggerStore& triggers;
  store::GlanceStore& glances;
  const Clock& clock;
  Entropy& entropy;
  std::string public_url;  // where pictures are asked for
};

void add_badge_routes(http::Router& router, const Gate& gate, const BadgeDeps& deps);

}  // namespace kiln::api
