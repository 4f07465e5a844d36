// The runner protocol's server side (wire/runner_protocol.h): claims, leases, steps, log chunks and ends.
// Only ever on the runner's own unix socket. Registered once by app; handlers keep no state.
#pragma once

#include <functional>
#include <vector>

#include "api/auth.h"
#include "api/runner/notes.h"
#include "http/router.h"
#include "queue/queue.h"
#include "wire/runner_protocol.h"

namespace kiln::api {

// What this server says of a build's Worker.
struct ServedBuild {
  // Where what it uploaded answers, and how that is run; empty when nothing is served. The number of versions
  // is the queue's.
  std::function<Result<wire::UploadsAnswer>(const Uuid& build)> uploads;
  // Whether its Worker may have these routes.
  std::function<Status(const Uuid& build, const std::vector<wire::RouteAsked>& routes)> check_routes;
  // What git is to show the host of its repository; empty: nothing. May ask that host.
  std::function<Result<std::string>(const model::RepoConnection& connection)> clone_authorization{};
  // Keeps what the build is made from, while the lease holds it.
  std::function<Status(const Uuid& build, const Uuid& lease, const model::Materials& materials)> materials{};
  // Hears of each runner that comes for a build.
  std::function<void(const wire::ClaimCall& call)> came{};
};

void add_runner_routes(http::Router& router, const Gate& gate, queue::Queue& queue, RunnerNotes& notes,
                       const ServedBuild& served);

}  // namespace kiln::api
