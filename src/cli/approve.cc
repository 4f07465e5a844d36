#include <memory>

#include "cli/commands.h"
#include "cli/ids.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

Status approve(Context& context, const std::string& given) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::string> build = whole_id(*server, kBuildIds, given);
  if (!build) return tl::unexpected<Error>(build.error());
  const Result<boost::json::value> approved =
      server->call("POST", server->builds_path() + "/builds/" + url_part(*build) + "/approve", nullptr);
  if (!approved) return tl::unexpected<Error>(named(approved.error(), "build", given, "kiln builds"));
  if (context.json) {
    context.out << pretty(*approved);
  } else {
    context.out << "approved " << safe_line(*build, false) << '\n';
  }
  return {};
}

}  // namespace

void add_approve(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("approve", "Let a fork's build run that waits for approval");
  const auto build = std::make_shared<std::string>();
  command->add_option("BUILD", *build, "Its id, or the beginning of that")->required();
  finish_command(*command, context, [&context, build] { return approve(context, *build); });
}

}  // namespace kiln::cli
