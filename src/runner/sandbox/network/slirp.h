// One slirp4netns: the user-mode network stack through which one build reaches the outside, in its router's
// namespace (netlink.h). It parses packets that hostile code made, so as root it runs in a jail of its own
// (slirp_jail.h). Owned by the wall of its sandbox; one thread, which must outlive it (PDEATHSIG). It also
// ends when the descriptor kept here closes, whoever dies.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "runner/sandbox/sandbox.h"

namespace kiln::runner {

// What starting it here would need: the program and a tun device. Errors: Errc::unavailable saying what to
// install or to allow.
[[nodiscard]] Status check_slirp(IdentityMode mode);

// Descriptors of the namespace that it joins.
struct SlirpPlace {
  int network = -1;
  int owner = -1;  // the user namespace that owns it; -1: our own
};

class Slirp {
 public:
  // `uid` is the build's on the host. `cgroup`: the build's cgroup.procs files, so that what the stack uses
  // counts as the build's and ends with it. Returns before it is ready. Errors: Errc::unavailable, Errc::io.
  [[nodiscard]] static Result<std::unique_ptr<Slirp>> start(IdentityMode mode, unsigned uid,
                                                            const SlirpPlace& place,
                                                            const std::vector<int>& cgroup);
  ~Slirp();
  Slirp(const Slirp&) = delete;
  Slirp& operator=(const Slirp&) = delete;

  // Until the interface is configured, or `stop` (a descriptor) can be read. Errors: Errc::unavailable with
  // its own words.
  [[nodiscard]] Status wait_until_ready(std::chrono::milliseconds at_most, int stop);

  [[nodiscard]] bool has_ended() const;

  // What it has said on its stderr and nobody has read yet.
  [[nodiscard]] std::string last_words() const;

 private:
  Slirp() = default;

  pid_t pid_ = -1;
  Fd process_;  // pidfd
  Fd ready_;    // it writes "1"
  Fd life_;     // it ends when this closes
  Fd words_;    // its stderr, non-blocking
};

}  // namespace kiln::runner
