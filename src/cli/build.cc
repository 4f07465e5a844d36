#include <boost/json/object.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/started.h"

namespace kiln::cli {
namespace {

struct StartOptions {
  std::string worker;
  std::string branch;
  std::string commit;
  bool follow = false;
};

Status start_build(Context& context, const StartOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  boost::json::object body{{"worker", options.worker}};
  if (!options.branch.empty()) body["branch"] = options.branch;
  if (!options.commit.empty()) body["commit"] = options.commit;
  const Result<boost::json::value> started = server->call("POST", server->own_path() + "/build", body);
  if (!started) return tl::unexpected<Error>(started.error());
  return show_started(context, *server, *started, options.follow);
}

}  // namespace

void add_build(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("build", "Build a Worker now");
  const auto options = std::make_shared<StartOptions>();
  command->add_option("WORKER", options->worker, "The Worker's name")->required();
  CLI::Option* branch =
      command->add_option("--branch", options->branch, "This branch's head instead of production's");
  command->add_option("--commit", options->commit, "This commit (full hash)")->excludes(branch);
  command->add_flag("--follow,-f", options->follow,
                    "Show its log until it ends; exit code 1 unless it succeeds");
  finish_command(*command, context, [&context, options] { return start_build(context, *options); });
}

}  // namespace kiln::cli
