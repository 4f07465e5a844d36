// Forks the child that becomes bubblewrap, and all that must be true of it before the exec. The calling
// thread must outlive the child (PDEATHSIG follows it).
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/fs.h"
#include "base/result.h"
#include "runner/sandbox/limits/confinement.h"
#include "runner/sandbox/network/policy.h"
#include "runner/sandbox/sandbox.h"

namespace kiln::runner {

// A started bubblewrap and our ends of what it inherited.
struct Launched {
  pid_t pid = -1;  // ours to reap
  Fd process;      // pidfd of it
  Fd control;      // socket to the agent; its end is a sign that nobody inside can answer any more
  Fd log;          // read end of the commands' stdout and stderr, non-blocking
  Fd words;        // read end of bubblewrap's own stderr
  Fd info;         // read end of bubblewrap's --info-fd
  Fd status;       // read end of its --json-status-fd, for the network's wall
};

// `uid` is the build's on the host; `limits` is null for a sandbox without any. Errors: Errc::io,
// Errc::unavailable (no bubblewrap, no filter).
[[nodiscard]] Result<Launched> launch(IdentityMode mode, unsigned uid, const SandboxSpec& spec,
                                      const NetworkPolicy& network, const Confinement* limits);

}  // namespace kiln::runner
