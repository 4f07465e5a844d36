// kiln: the server and the command line. Only wires.
#include "app/serve.h"
#include "cli/cli.h"

int main(int argc, char** argv) {
  return kiln::cli::run(argc, argv, kiln::app::add_serve);
}
