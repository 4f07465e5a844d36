// `kiln-runner --local`: one build from standard input to its end, by the same service, slot and steps that a
// server's builds get. main() calls it with the ending signals blocked.
#pragma once

#include <csignal>

#include "runner/options.h"

namespace kiln::runner {

// Reads {"job": {…}} (wire/runner_protocol.h) from standard input, which carries the build's secrets, writes
// the log to standard output (local_server.h) and what went wrong with the machine to standard error. `ends`:
// the signals that stop it. Returns 0 when the build succeeded, else 1. Changes the root folder alone.
[[nodiscard]] int run_local_build(Options options, sigset_t ends);

}  // namespace kiln::runner
