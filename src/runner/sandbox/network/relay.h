// Carries bytes between a build's doors (listeners inside its network namespace) and the same address and
// port of the host. Bounded: so many connections, so many bytes of each; whoever has to wait, waits in the
// kernel's queues. Owned by the wall of one sandbox; one thread runs it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <list>
#include <memory>
#include <vector>

#include "base/fs.h"
#include "runner/sandbox/network/policy.h"

namespace kiln::runner {

class Relay {
 public:
  static constexpr std::size_t kMaxConnections = 64;
  static constexpr std::size_t kBuffer = 32U << 10U;  // of each direction

  // `listeners` are non-blocking, in the order of `doors`.
  Relay(std::vector<Fd> listeners, const std::vector<Door>& doors);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Until `stop` (a descriptor) can be read. Connections end with it.
  void run(int stop);

 private:
  struct Listener;
  struct Connection;

  void accept_from(const Listener& listener);

  std::vector<Listener> listeners_;
  std::list<Connection> connections_;
};

}  // namespace kiln::runner
