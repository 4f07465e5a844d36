// kiln: the server and the command line. Only wires.
#include "app/check_command.h"
#include "app/restore_command.h"
#include "app/serve.h"
#include "cli/cli.h"

int main(int argc, char** argv) {
  return kiln::cli::run(argc, argv, [](CLI::App& app, kiln::cli::Context& context) {
    kiln::app::add_serve(app, context);
    kiln::app::add_restore(app, context);
    kiln::app::add_check(app, context);
  });
}
