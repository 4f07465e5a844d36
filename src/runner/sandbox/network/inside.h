// Enters a build's network namespace with a short-lived child, sets its routing, makes its doors' listeners
// and, with egress, the router's namespace beside it (netlink.h). The child uses system calls alone and is
// gone when the call returns. Any thread.
#pragma once

#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "runner/sandbox/network/policy.h"

namespace kiln::runner {

// Handles on a namespace that bubblewrap has made.
struct NetworkNamespace {
  Fd network;
  Fd owner;  // the user namespace that owns it; closed: it is our own
  Fd init;   // pidfd of the first process inside
};

// `child` must be a child of `bubblewrap`, whose pid its caller has not reaped. Errors: Errc::unavailable
// when it is gone, Errc::io.
[[nodiscard]] Result<NetworkNamespace> open_network_namespace(int child, int bubblewrap);

struct Inside {
  std::vector<Fd> listeners;  // in the order of policy.doors, non-blocking
  Fd router;                  // the router's network namespace, with egress; its owner is that of the build's
};

// Waits until bubblewrap has brought the loopback interface up, then does what the policy says. Errors:
// Errc::unavailable when the sandbox ended meanwhile, Errc::io naming the step.
[[nodiscard]] Result<Inside> prepare_inside(const NetworkNamespace& space, const NetworkPolicy& policy);

}  // namespace kiln::runner
