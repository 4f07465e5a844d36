#include "serving/engine.h"

#include <unistd.h>

#include <initializer_list>

namespace kiln::serving {
namespace {

const char* first_program(std::initializer_list<const char*> paths) {
  for (const char* path : paths) {
    if (access(path, X_OK) == 0) return path;
  }
  return nullptr;
}

}  // namespace

const char* find_bwrap() {
  return first_program({"/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"});
}

const char* find_setpriv() {
  return first_program({"/usr/bin/setpriv", "/bin/setpriv"});
}

Status check_engine(const Engine& engine) {
  if (access(engine.workerd.c_str(), X_OK) != 0) {
    return fail(Errc::unavailable,
                "there is no workerd at " + engine.workerd.string() +
                    ": install Kiln's tools (tools/setup.sh), set workers.workerd to the program, or set "
                    "workers.serve = false");
  }
  if (find_bwrap() == nullptr)
    return fail(Errc::unavailable, "there is no bwrap in /usr/bin: install the package bubblewrap");
  if (geteuid() == 0 && find_setpriv() == nullptr)
    return fail(Errc::unavailable, "there is no setpriv in /usr/bin: install the package util-linux");
  return {};
}

}  // namespace kiln::serving
