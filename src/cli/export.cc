// `kiln export`: an account's set-up as JSON, from which `kiln import file` makes it again.
#include "cli/commands.h"
#include "cli/set_up/here.h"
#include "cli/set_up/set_up_file.h"

namespace kiln::cli {

void add_export(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("export", "Print the account's set-up, secrets by name alone");
  finish_command(*command, context, [&context]() -> Status {
    Result<Server> server = Server::find(context);
    if (!server) return tl::unexpected<Error>(server.error());
    const Result<Here> here = read_here(*server);
    if (!here) return tl::unexpected<Error>(here.error());
    context.out << pretty(set_up_json(here->set_up));
    return {};
  });
}

}  // namespace kiln::cli
