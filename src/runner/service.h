// The runner as a class that a test can build: N job threads that claim and run builds. Owned by
// runner_main.cc or a test. start() and stop() belong to one thread.
#pragma once

#include <memory>

#include "base/result.h"
#include "runner/job.h"
#include "runner/options.h"
#include "runner/sandbox/limits/limits.h"

namespace kiln::runner {

// The threads that claim work for a workshop. stop() ends the builds under way without telling the server of
// them: it gives them to the next runner, or ends them when they had begun to deploy.
class JobLoop {
 public:
  JobLoop(const Workshop& workshop, std::string runner_id, int slots);
  ~JobLoop();
  JobLoop(const JobLoop&) = delete;
  JobLoop& operator=(const JobLoop&) = delete;

  void start();
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The settings' limits as sandboxes take them.
[[nodiscard]] Limits limits_from(const model::LimitSettings& settings);

class RunnerService {
 public:
  // Sweeps what a predecessor left, finds out which sandbox this machine can have, and starts to claim.
  // Errors: Errc::io (folders), Errc::conflict (another runner has this root), Errc::unavailable (no sandbox
  // or no default Node here, and what to do). The server is told them.
  [[nodiscard]] static Result<std::unique_ptr<RunnerService>> start(const Options& options);
  // The same for a server that is not reached over HTTP, which outlives the service; a build is told of a
  // Node that is missing.
  [[nodiscard]] static Result<std::unique_ptr<RunnerService>> start(const Options& options,
                                                                    ServerClients& server);
  ~RunnerService();
  RunnerService(const RunnerService&) = delete;
  RunnerService& operator=(const RunnerService&) = delete;

  void stop();

 private:
  struct Impl;
  explicit RunnerService(std::unique_ptr<Impl> impl);
  std::unique_ptr<HttpServerClients> http_;  // outlives what uses it
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::runner
