// Routes and custom domains of a Worker: judged against the domains that the operator has given to its
// account (workers.zones), and kept. Stateless over the ports; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/host_route.h"
#include "workers/ports.h"

namespace kiln::workers {

// The zone of the account that the host lies in. Errors: Errc::not_offered, in words that say what the
// operator or the Worker's owner can do.
[[nodiscard]] Result<model::Zone> zone_for(const Ports& ports, const std::string& account_id,
                                           std::string_view host);

// What is asked for; of a custom domain the pattern is its host.
struct RouteWish {
  model::HostRoute::Kind kind = model::HostRoute::Kind::route;
  std::string pattern;
  bool enabled = true;
};

// A row with a new id. Errors: Errc::invalid, and as zone_for; a host that is the address of a Worker of
// itself is Errc::invalid.
[[nodiscard]] Result<model::HostRoute> route_for(Ports& ports, const std::string& account_id,
                                                 const std::string& worker_tag, const RouteWish& wish);

// Whether all these could be the Worker's, without changing anything: the errors of set_host_routes.
[[nodiscard]] Status check_host_routes(Ports& ports, const model::Worker& worker,
                                       const std::vector<RouteWish>& wishes);

// They are the Worker's then, all of one kind. A refusal, and what was wrong with the wishes already, leaves
// nobody half served: a build's deployments are taken back where there was one before them, and a Worker that
// would have no address keeps its own; the error's words tell which. Errors: as route_for, Errc::route_taken,
// Errc::hostname_taken.
[[nodiscard]] Status set_host_routes(Ports& ports, const Actor& actor, const model::Worker& worker,
                                     model::HostRoute::Kind kind,
                                     const Result<std::vector<RouteWish>>& wishes, store::RouteChange change);

// The error of routes that are refused before they could be set, with the same consequences.
[[nodiscard]] Error refuse_routes(Ports& ports, const Actor& actor, const model::Worker& worker, Error why);

}  // namespace kiln::workers
