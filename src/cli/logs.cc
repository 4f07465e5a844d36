#include <memory>

#include "cli/commands.h"
#include "cli/failed_step.h"
#include "cli/follow.h"
#include "cli/worker_name.h"

namespace kiln::cli {
namespace {

struct LogsOptions {
  std::string build;
  bool follow = false;
  bool failed = false;
  LogChoice choice;
};

Status show(Context& context, const LogsOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::string> build = build_meant(*server, options.build);
  if (!build) return tl::unexpected<Error>(build.error());
  Status shown = options.follow   ? follow_log(context, *server, *build, options.choice)
                 : options.failed ? print_failed_step(context, *server, *build, options.choice)
                                  : print_log(context, *server, *build, options.choice);
  if (!shown) return tl::unexpected<Error>(named(std::move(shown.error()), "build", *build, "kiln builds"));
  return shown;
}

}  // namespace

void add_logs(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("logs", "Print a build's log, or follow it live");
  const auto options = std::make_shared<LogsOptions>();
  command
      ->add_option("BUILD|WORKER", options->build,
                   "A build, by its id or the beginning of that, or a Worker: its newest")
      ->required();
  CLI::Option* follow = command->add_flag("--follow,-f", options->follow,
                                          "Until the build ends; exit code 1 unless it succeeds");
  command->add_flag("--failed", options->failed, "Only the step that failed")->excludes(follow);
  add_log_options(*command, options->choice, true);
  finish_command(*command, context, [&context, options] { return show(context, *options); });
}

}  // namespace kiln::cli
