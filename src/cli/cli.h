// The command line: reads arguments, talks to a running server through its data directory, prints. One
// thread.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/context.h"

namespace kiln::cli {

// Adds every subcommand but serve, with its examples.
void add_commands(CLI::App& app, Context& context);

// The whole program over `argv`. `add_serve` adds what only app can run, since it needs the data directory
// itself: serve, restore, check; serve takes the data directory from the app's --data-dir too. Returns the
// process's exit code: 0 done, 1 failed, 2 wrong usage.
using AddServe = std::function<void(CLI::App& app, Context& context)>;
[[nodiscard]] int run(int argc, const char* const* argv, const AddServe& add_serve);

// As run(), in a context that a test makes.
[[nodiscard]] int run_in(Context& context, int argc, const char* const* argv, const AddServe& add_serve);

// $KILN_DATA_DIR, else $XDG_DATA_HOME/kiln, else ~/.local/share/kiln. serve uses the same.
[[nodiscard]] std::filesystem::path default_data_dir();

}  // namespace kiln::cli
