// What every subcommand is given: where it runs, where it writes, and how it ends. Owned by run(); one
// thread.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

#include "base/clock.h"
#include "base/http_client.h"
#include "base/process.h"
#include "base/result.h"
#include "cli/print.h"

namespace kiln::cli {

struct Context {
  HttpClient& http;
  Processes& processes;
  const Clock& clock;
  std::ostream& out;  // results alone (output.h)
  std::ostream& err;  // everything said to people about the run itself
  Style style;
  std::filesystem::path data_dir;  // set once the command line is read
  std::string account;             // id or name, as given; empty: the default account
  bool json = false;
  int exit_code = 0;
  bool is_local = false;  // --data-dir was given: no server elsewhere is meant
  bool insecure = false;  // http:// to a server elsewhere is meant
};

// Exit codes of every subcommand.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kNotWritten = 3;    // standard output could not be written: the results are lost
inline constexpr int kReaderGone = 141;  // nobody reads standard output: as if SIGPIPE had ended it

// Where nothing says otherwise: the data directory and the account that the environment names.
void settle_place(Context& context);

// --data-dir, --account and --json, of kiln itself and of every command.
void add_place_options(CLI::App& app, Context& context);

// Those on a subcommand, and `action` run when it is chosen; an error is shown and exits
// with 1.
void finish_command(CLI::App& command, Context& context, const std::function<Status()>& action);

}  // namespace kiln::cli
