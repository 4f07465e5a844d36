#include "cli/cli.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>

#include "base/version.h"
#include "cli/commands.h"
#include "cli/guide.h"
#include "cli/output.h"

namespace kiln::cli {
namespace {

constexpr const char* kAbout =
    "Kiln turns a git push into a built and deployed Worker, and can say for any version which build made "
    "it.";

constexpr const char* kExamples = R"(Examples:
  kiln serve --data-dir /var/lib/kiln --listen 127.0.0.1:8787
  kiln connect /srv/git/shop.git --worker shop --build-command "npm run build"
  kiln builds shop
  kiln logs BUILD_UUID --follow
  kiln which VERSION_ID
  kiln why feature/x
  kiln run . --build-command "npm run build"

Every command takes --data-dir; without it KILN_DATA_DIR, then the XDG data folder.
Exit codes: 0 done, 1 the build or request failed, 2 wrong usage, 3 the output could not be written.)";

// The exit code, once everything printed is known to have gone out.
int checked(Context& context) {
  const int error = flush_output(context.out);
  if (error == 0) return context.exit_code;
  if (error == EPIPE) return kReaderGone;
  context.err << "kiln: standard output could not be written, so that results are missing: "
              << std::strerror(error) << '\n';
  return kNotWritten;
}

bool wants_colours() {
  const char* refused = std::getenv("NO_COLOR");
  return (refused == nullptr || *refused == '\0') && isatty(STDOUT_FILENO) != 0;
}

}  // namespace

std::filesystem::path default_data_dir() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::filesystem::path(value != nullptr ? value : "");
  };
  if (auto chosen = variable("KILN_DATA_DIR"); !chosen.empty()) return chosen;
  if (const auto data = variable("XDG_DATA_HOME"); data.is_absolute()) return data / "kiln";
  const auto home = variable("HOME");
  return (home.empty() ? std::filesystem::path("/") : home) / ".local/share/kiln";
}

void finish_command(CLI::App& command, Context& context, const std::function<Status()>& action) {
  command.add_option("--data-dir", context.data_dir, "The server's data directory")->type_name("DIR");
  command.add_option("--account", context.account, "The account to act in, by id or name")
      ->envname("KILN_ACCOUNT");
  command.add_flag("--json", context.json, "Print JSON");
  command.callback([&context, action] {
    if (context.data_dir.empty()) context.data_dir = default_data_dir();
    std::error_code error;
    if (auto whole = std::filesystem::absolute(context.data_dir, error); !error) context.data_dir = whole;
    const Status done = action();
    if (done) return;
    context.out.flush();
    context.err << "kiln: " << done.error().message << '\n';
    context.exit_code = kFailed;
  });
}

void add_commands(CLI::App& app, Context& context) {
  add_status(app, context);
  add_connect(app, context);
  add_build(app, context);
  add_builds(app, context);
  add_deliveries(app, context);
  add_why(app, context);
  add_logs(app, context);
  add_cancel(app, context);
  add_retry(app, context);
  add_tail(app, context);
  add_which(app, context);
  add_run(app, context);
  add_doctor(app, context);
  add_token(app, context);
  add_account(app, context);
}

int run_in(Context& context, int argc, const char* const* argv, const AddServe& add_serve) {
  CLI::App app(kAbout, "kiln");
  app.require_subcommand(1);
  app.set_version_flag("--version", kVersion);
  app.footer(kExamples);
  app.get_formatter()->column_width(28);
  if (add_serve) add_serve(app, context.exit_code);
  add_commands(app, context);
  const std::vector<std::string> words = understood(app, {argv + 1, argv + std::max(argc, 1)});
  try {
    // CLI11 takes the words from the last to the first.
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    context.exit_code = app.exit(error, context.out, context.err) == 0 ? kDone : kWrongUsage;
    const std::string meant = context.exit_code == kDone ? "" : suggestion(app, words);
    if (!meant.empty()) context.err << "Did you mean: " << meant << '\n';
  }
  return checked(context);
}

int run(int argc, const char* const* argv, const AddServe& add_serve) {
  CurlClient http;
  SystemProcesses processes;
  const SystemClock clock;
  // A reader that goes away is an error of the write, so that a command can still say what it did.
  std::signal(SIGPIPE, SIG_IGN);
  Output output(STDOUT_FILENO);
  std::ostream out(&output);
  Context context{http, processes, clock, out, std::cerr, Style{wants_colours()}, {}, {}, false, kDone};
  return run_in(context, argc, argv, add_serve);
}

}  // namespace kiln::cli
