#include "serving/engine.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/child.h"
#include "confine/host_users.h"

namespace kiln::serving {

Status check_engine(const Engine& engine) {
  const std::filesystem::path program = engine.workerd();
  if (access(program.c_str(), X_OK) != 0) {
    return fail(Errc::unavailable,
                "there is no workerd at " + program.string() +
                    ": install Kiln's tools (tools/setup.sh), set workers.workerd to the program, or set "
                    "workers.serve = false");
  }
  if (system_program("bwrap").empty())
    return fail(Errc::unavailable, "there is no bwrap in /usr/bin: install the package bubblewrap");
  if (geteuid() == 0 && system_program("setpriv").empty())
    return fail(Errc::unavailable, "there is no setpriv in /usr/bin: install the package util-linux");
  return {};
}

Status open_to_callers(const std::filesystem::path& socket) {
  const bool root = geteuid() == 0;
  const bool given = !root || chown(socket.c_str(), 0, kCallsGroup) == 0;
  if (given && chmod(socket.c_str(), root ? 0660 : 0600) == 0) return {};
  return fail(Errc::io, fmt::format("giving {} to the Workers that call others: {}", socket.string(),
                                    std::strerror(errno)));
}

}  // namespace kiln::serving
