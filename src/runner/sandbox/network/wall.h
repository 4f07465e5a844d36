// The network of one sandbox: waits for bubblewrap to make the namespace, gives it the stack, the refusals
// and the doors, and then carries the doors' bytes until it is closed. A thread of its own does all that, so
// that it overlaps the fetch; nothing of the build's may run before wait() has said yes.
//
// Owned by the sandbox; wait() and close() belong to the sandbox's thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "runner/sandbox/network/policy.h"
#include "runner/sandbox/sandbox.h"

namespace kiln::runner {

class Slirp;

struct WallPlan {
  IdentityMode mode = IdentityMode::own_uid;
  unsigned uid = 0;      // the build's on the host
  pid_t bubblewrap = 0;  // not reaped before close()
  Fd status;             // read end of its --json-status-fd
  NetworkPolicy policy;
  std::vector<int> cgroup;  // the build's cgroup.procs files, open until close(); the stack is put there too
};

class NetworkWall {
 public:
  // Errors: Errc::io.
  [[nodiscard]] static Result<std::unique_ptr<NetworkWall>> raise(WallPlan plan);
  ~NetworkWall();
  NetworkWall(const NetworkWall&) = delete;
  NetworkWall& operator=(const NetworkWall&) = delete;

  // Until the wall stands. Errors: Errc::unavailable, Errc::io: it does not, and the build must not run.
  [[nodiscard]] Status wait();

  // It could not be raised, or does not stand any more.
  [[nodiscard]] bool has_failed() const;
  // The stack has ended while the build went on, which reaches nothing outside since then. Any thread.
  [[nodiscard]] bool has_lost_its_stack() const;

  // Begins to end it and returns. Once the build's processes have been killed.
  void end() const;

  // Ends the stack and the doors; no process and no thread of it is left.
  void close();

 private:
  NetworkWall(WallPlan plan, Fd stop);
  void run();
  void say(Status status);

  WallPlan plan_;
  Fd stop_;  // eventfd
  std::thread thread_;

  mutable std::mutex mutex_;
  std::condition_variable said_;
  std::optional<Status> standing_;
  std::unique_ptr<Slirp> slirp_;  // while it stands
};

}  // namespace kiln::runner
