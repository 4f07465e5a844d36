// `kiln check`: whether what a server keeps is whole. It is asked itself while it runs; else the data
// directory is looked at.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace kiln::app {

void add_check(CLI::App& app, cli::Context& context);

}  // namespace kiln::app
