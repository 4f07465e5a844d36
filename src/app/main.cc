// kiln: the server and the command line. Only wires.
#include "app/serve.h"
#include "cli/cli.h"

int main(int argc, char** argv) {
  const std::string version = KILN_VERSION;
  return kiln::cli::run(argc, argv, version, [&version](CLI::App& app, int& exit_code) {
    kiln::app::add_serve(app, version, exit_code);
  });
}
