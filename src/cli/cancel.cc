#include <memory>

#include "cli/commands.h"
#include "cli/ids.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

Status cancel(Context& context, const std::string& given) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::string> build = whole_id(*server, kBuildIds, given);
  if (!build) return tl::unexpected<Error>(build.error());
  const Result<boost::json::value> ended =
      server->call("PUT", server->builds_path() + "/builds/" + url_part(*build) + "/cancel", nullptr);
  if (!ended) return tl::unexpected<Error>(named(ended.error(), "build", given, "kiln builds"));
  if (context.json) {
    context.out << pretty(*ended);
  } else {
    context.out << "cancelled " << safe_line(*build, false) << '\n';
  }
  return {};
}

}  // namespace

void add_cancel(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("cancel", "Stop a queued or running build");
  const auto build = std::make_shared<std::string>();
  command->add_option("BUILD", *build, "Its id, or the beginning of that")->required();
  finish_command(*command, context, [&context, build] { return cancel(context, *build); });
}

}  // namespace kiln::cli
