#include "cli/cli.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <iostream>
#include <memory>

#include "base/version.h"
#include "cli/commands.h"
#include "cli/examples.h"
#include "cli/guide.h"
#include "cli/help_format.h"
#include "cli/output.h"

namespace kiln::cli {
namespace {

constexpr const char* kAbout =
    "Kiln turns a git push into a built and deployed Worker, and can say for any version which build made "
    "it.";

constexpr const char* kMore = R"(
kiln help COMMAND says more of each. Every command takes --data-dir; without it
KILN_URL and KILN_TOKEN name a server, then KILN_DATA_DIR its data directory, then
the login (kiln login URL), then the XDG data folder. Ids may be shortened to 4
digits or more. Exit codes: 0 done, 1 the build or request failed, 2 wrong usage,
3 the output could not be written.)";

// The exit code, once everything printed is known to have gone out.
int checked(Context& context) {
  const int error = flush_output(context.out);
  if (error == 0) return context.exit_code;
  if (error == EPIPE) return kReaderGone;
  context.err << "kiln: standard output could not be written, so that results are missing: "
              << std::strerror(error) << '\n';
  return kNotWritten;
}

std::string whole_footer() {
  std::string footer = "Examples:\n";
  for (const std::string_view example : examples_of("")) footer += "  " + std::string(example) + "\n";
  return footer + kMore;
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

void settle_place(Context& context) {
  context.is_local = !context.data_dir.empty();
  if (context.data_dir.empty()) context.data_dir = default_data_dir();
  std::error_code error;
  if (auto whole = std::filesystem::absolute(context.data_dir, error); !error) context.data_dir = whole;
  const char* account = std::getenv("KILN_ACCOUNT");
  if (context.account.empty() && account != nullptr) context.account = account;
}

void add_place_options(CLI::App& app, Context& context) {
  app.add_option("--data-dir", context.data_dir, "The server's data directory")->type_name("DIR");
  // A command whose --account is one elsewhere has added it.
  if (app.get_option_no_throw("--account") == nullptr) {
    app.add_option("--account", context.account, "The account to act in, by id or name (else KILN_ACCOUNT)")
        ->type_name("ACCOUNT");
  }
  app.add_flag("--json", context.json, "Print JSON");
  app.add_flag("--insecure", context.insecure, "Speak http:// to a server elsewhere");
}

void finish_command(CLI::App& command, Context& context, const std::function<Status()>& action) {
  add_place_options(command, context);
  command.callback([&context, action] {
    settle_place(context);
    const Status done = action();
    if (done) return;
    context.out.flush();
    context.err << "kiln: " << done.error().message << '\n';
    context.exit_code = kFailed;
  });
}

namespace {

using Add = void (*)(CLI::App& app, Context& context);

// Under one heading of the help.
void add_group(CLI::App& app, Context& context, const char* name, std::initializer_list<Add> commands) {
  const auto any = [](const CLI::App*) { return true; };
  const std::size_t before = app.get_subcommands(any).size();
  for (const Add add : commands) add(app, context);
  const std::vector<CLI::App*> all = app.get_subcommands(any);
  for (std::size_t i = before; i < all.size(); ++i) all[i]->group(name);
}

}  // namespace

void add_commands(CLI::App& app, Context& context) {
  add_group(app, context, "Builds",
            {add_builds, add_queue, add_show, add_compare, add_logs, add_build, add_retry, add_cancel,
             add_approve, add_why, add_deliveries, add_run});
  add_group(app, context, "Workers",
            {add_workers, add_which, add_versions, add_attest, add_verify, add_rollback, add_promote,
             add_secret, add_tail, add_badge, add_open});
  add_group(app, context, "Repositories",
            {add_connect, add_disconnect, add_repository, add_trigger, add_variable, add_forge, add_import,
             add_export});
  add_group(app, context, "Server",
            {add_status, add_doctor, add_dashboard, add_sinks, add_token, add_build_token, add_account,
             add_audit, add_backup, add_prune, add_drain, add_login, add_completion, add_man});
}

int run_in(Context& context, int argc, const char* const* argv, const AddServe& add_serve) {
  CLI::App app(kAbout, "kiln");
  app.require_subcommand(1);
  app.set_version_flag("--version", kVersion);
  app.formatter(std::make_shared<HelpFormat>(context.style.width));
  add_place_options(app, context);
  add_commands(app, context);
  if (add_serve) add_serve(app, context);
  show_examples(app);
  app.footer(whole_footer());
  const std::vector<std::string> words = understood(app, {argv + 1, argv + std::max(argc, 1)});
  if (words.size() > 2 && words[0] == "complete" && words[1] == "--") {
    answer_completion(context, app, {words.begin() + 2, words.end()});
    return checked(context);
  }
  try {
    const std::vector<std::string> parsed = with_empty_values(app, words);
    // CLI11 takes the words from the last to the first.
    app.parse(std::vector<std::string>(parsed.rbegin(), parsed.rend()));
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
  Context context{http, processes, clock, out,  std::cerr, Style{wants_colours(), terminal_width()},
                  {},   {},        false, kDone};
  return run_in(context, argc, argv, add_serve);
}

}  // namespace kiln::cli
