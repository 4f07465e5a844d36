// Where a version answers. One workerd process a version, on a unix socket of its own: started on first use,
// started again after a crash, stopped when idle or when too many run.
//
// Owned by app; passed by reference. Methods: any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "serving/sockets.h"

namespace kiln::serving {

struct Endpoint {
  std::string socket_path;    // speaks HTTP/1.1
  std::shared_ptr<void> use;  // the process is kept while this lives; may outlive the Runtimes
  std::shared_ptr<const EntrypointPaths> entrypoints;  // what other Workers call: HTTP/1.1, and CONNECT to
                                                       // kConnectHost, which begins Cap'n Proto RPC
  std::shared_ptr<const std::atomic<bool>> outdated;   // becomes true: whoever has it should ask again
  std::string events_path;  // takes events (kEventsSocketName); empty: the version has no handler of any

  [[nodiscard]] bool is_outdated() const { return outdated != nullptr && *outdated; }
};

inline constexpr const char* kConnectHost = "kiln";

class Runtimes {
 public:
  virtual ~Runtimes() = default;

  // Calls `ready` once, from any thread, possibly before this returns: where this version answers, its
  // process started when needed. `ready` must not block. Errors: Errc::version_not_found; Errc::unavailable
  // when it cannot be started now (the server's log says why) or the server stops.
  virtual void acquire(const Uuid& version, std::function<void(Result<Endpoint>)> ready) = 0;
};

}  // namespace kiln::serving
