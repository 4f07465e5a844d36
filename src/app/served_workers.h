// What the server says of the Workers that it serves: to its runner about a build, and to `kiln status`.
// Functions over ports that are safe from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <vector>

#include "base/ids.h"
#include "serving/engine_dates.h"
#include "store/route_resolver.h"
#include "wire/runner_protocol.h"
#include "workers/ports.h"

namespace kiln::app {

// Outlived by everything in it.
struct ServedWorkers {
  workers::Ports& ports;
  store::RouteResolver& routes;
  serving::EngineDates& dates;
};

// Where what the build uploaded answers, and what is to be said of how it runs; empty when nothing is served.
[[nodiscard]] Result<wire::UploadsAnswer> served_uploads(const ServedWorkers& served, const Uuid& build);

// Whether the build's Worker may have these routes; any while nothing is served that a route could lead to.
// Errors: as workers::check_host_routes.
[[nodiscard]] Status check_routes(const ServedWorkers& served, const Uuid& build,
                                  const std::vector<wire::RouteAsked>& asked);

// Sets workers_zones, and workers_routes where there are some: for people, so not all of very many.
void tell_domains(const ServedWorkers& served, boost::json::object& status);

}  // namespace kiln::app
