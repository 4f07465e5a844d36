// The service manager that may have started this program (systemd with Type=notify): it is told when the
// program serves, that it lives, and when it ends, as sd_notify(3) says. Owned by whoever waits for the
// program's end; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln {

class ServiceManager {
 public:
  // Nobody to tell.
  ServiceManager() = default;

  // What NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID say. They are taken out of the environment, so that no
  // child speaks in this program's name; call it before there are threads.
  [[nodiscard]] static ServiceManager from_environment();

  // Sends assignments such as "READY=1", one a line. Without a manager nothing happens. Errors: Errc::io.
  [[nodiscard]] Status tell(std::string_view assignments) const;

  // How often "WATCHDOG=1" is to be told: twice within the time after which the manager ends the program.
  // Nothing: the manager does not ask for it.
  [[nodiscard]] std::optional<std::chrono::milliseconds> alive_every() const { return alive_every_; }

 private:
  std::string socket_;  // a path, or a name that begins with '@'
  std::optional<std::chrono::milliseconds> alive_every_;
};

}  // namespace kiln
