#include <memory>

#include "cli/commands.h"
#include "cli/ids.h"
#include "cli/started.h"

namespace kiln::cli {
namespace {

struct RetryOptions {
  std::string build;
  bool follow = false;
};

Status retry(Context& context, const RetryOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::string> build = whole_id(*server, kBuildIds, options.build);
  if (!build) return tl::unexpected<Error>(build.error());
  const Result<boost::json::value> started = server->call(
      "POST", server->builds_path() + "/builds/" + url_part(*build) + "/retry", boost::json::object());
  if (!started) return tl::unexpected<Error>(named(started.error(), "build", options.build, "kiln builds"));
  return show_started(context, *server, *started, options.follow);
}

}  // namespace

void add_retry(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("retry", "Build a build's commit again");
  const auto options = std::make_shared<RetryOptions>();
  command->add_option("BUILD", options->build, "Its id, or the beginning of that")->required();
  command->add_flag("--follow,-f", options->follow, "Show the new build's log until it ends");
  finish_command(*command, context, [&context, options] { return retry(context, *options); });
}

}  // namespace kiln::cli
