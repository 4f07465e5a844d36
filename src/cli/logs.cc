#include <memory>

#include "cli/commands.h"
#include "cli/follow.h"

namespace kiln::cli {
namespace {

struct Options {
  std::string build;
  bool follow = false;
  LogChoice choice;
};

Status show(Context& context, const Options& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  return options.follow ? follow_log(context, *server, options.build, options.choice)
                        : print_log(context, *server, options.build, options.choice);
}

}  // namespace

void add_logs(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("logs", "Print a build's log, or follow it live");
  const auto options = std::make_shared<Options>();
  command->add_option("BUILD_UUID", options->build, "The build")->required();
  command->add_flag("--follow,-f", options->follow, "Until the build ends; exit code 1 unless it succeeds");
  add_log_options(*command, options->choice, true);
  finish_command(*command, context, [&context, options] { return show(context, *options); });
}

}  // namespace kiln::cli
