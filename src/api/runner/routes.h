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

// Where what a build uploaded answers, as this server serves it; empty when it serves nothing.
using AddressesOf = std::function<Result<std::vector<wire::Address>>(const Uuid& build)>;

void add_runner_routes(http::Router& router, const Gate& gate, queue::Queue& queue, RunnerNotes& notes,
                       const AddressesOf& addresses_of);

}  // namespace kiln::api
