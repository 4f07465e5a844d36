// The zones that a caller may see, and the rows of routes as it may see them. Only for api/workers.
#pragma once

#include <string>
#include <vector>

#include "api/workers/handlers.h"
#include "model/host_route.h"
#include "model/zone.h"

namespace kiln::api {

struct OwnZone {
  model::Zone zone;
  model::Account account;
};

// Those of the call's account; of an administrator that names none, all.
[[nodiscard]] Result<std::vector<OwnZone>> zones_of(const WorkersDeps& deps, const Call& call);

// The zone that {zone_id} names. Errors: Errc::not_offered.
[[nodiscard]] Result<OwnZone> zone_in_path(const WorkersDeps& deps, const Call& call);

// The account's routes and custom domains: to a build's token those of its own Worker alone.
[[nodiscard]] Result<std::vector<model::HostRoute>> host_routes_of(const WorkersDeps& deps, const Call& call,
                                                                   const std::string& account_id);

// The host that a stored route is about.
[[nodiscard]] std::string host_of(const model::HostRoute& route);

}  // namespace kiln::api
