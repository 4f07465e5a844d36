// `kiln serve`: reads its options, starts the Service, waits for SIGINT or SIGTERM, stops it. One thread.
#pragma once

#include <CLI/CLI.hpp>

namespace kiln::app {

// Adds the subcommand; running it blocks until a signal comes and then sets `exit_code`.
void add_serve(CLI::App& app, cli::Context& context);

}  // namespace kiln::app
