// The runner protocol's server side (wire/runner_protocol.h): claims, leases, steps, log chunks and ends.
// Only ever on the runner's own unix socket. Registered once by app; handlers keep no state.
#pragma once

#include "api/auth.h"
#include "api/http/router.h"
#include "api/runner/notes.h"
#include "queue/queue.h"

namespace kiln::api {

void add_runner_routes(http::Router& router, const Gate& gate, queue::Queue& queue, RunnerNotes& notes);

}  // namespace kiln::api
