// The addresses to which an account's events are sent: …/builds/sinks, Kiln's own. Registered once by app;
// handlers keep no state, and ask names of hosts on threads of http::Work::git.
#pragma once

#include <functional>
#include <string>

#include "api/auth.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "http/router.h"
#include "store/sink_delivery_store.h"
#include "store/sink_store.h"

namespace kiln::api {

struct SinksDeps {
  store::SinkStore& sinks;
  store::SinkDeliveryStore& deliveries;
  const Clock& clock;
  Entropy& entropy;
  // Whether events may be sent there: scheme://host:port. Errors: Errc::forbidden saying what opens it;
  // Errc::unavailable for a name that nobody knows.
  std::function<Status(const std::string& place)> may_reach;
  std::function<void()> wake;  // something is due at a sink
};

void add_sink_routes(http::Router& router, const Gate& gate, const SinksDeps& deps);

}  // namespace kiln::api
