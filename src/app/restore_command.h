// `kiln restore`: puts a backup into an empty data directory. No server is asked, since none runs there.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace kiln::app {

void add_restore(CLI::App& app, cli::Context& context);

}  // namespace kiln::app
