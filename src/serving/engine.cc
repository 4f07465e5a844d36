#include "serving/engine.h"

#include <unistd.h>

#include "base/child.h"

namespace kiln::serving {
Status check_engine(const Engine& engine) {
  if (access(engine.workerd.c_str(), X_OK) != 0) {
    return fail(Errc::unavailable,
                "there is no workerd at " + engine.workerd.string() +
                    ": install Kiln's tools (tools/setup.sh), set workers.workerd to the program, or set "
                    "workers.serve = false");
  }
  if (system_program("bwrap").empty())
    return fail(Errc::unavailable, "there is no bwrap in /usr/bin: install the package bubblewrap");
  if (geteuid() == 0 && system_program("setpriv").empty())
    return fail(Errc::unavailable, "there is no setpriv in /usr/bin: install the package util-linux");
  return {};
}

}  // namespace kiln::serving
