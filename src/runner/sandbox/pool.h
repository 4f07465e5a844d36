// Starts every sandbox of a runner, mostly ahead of its build: while one build is under way the next one's
// sandbox is made, with its cgroup, disk, network and agent, so that a claimed build begins at once. A
// prepared sandbox is for one build, like any other; what it is for (the repository's mirror, the caches) it
// is lent when it gets it. It is thrown away unused when the machine, or what the build asks for, is not as
// it was prepared for.
//
// Prepared only where a build has a disk and a uid of its own (root, limits.disk_mode loop): elsewhere, and
// when none is ready, a sandbox is started for its build.
//
// Owned by the runner's service; outlives all its sandboxes. start() and prepare_next() from any thread.
// After the destructor nothing of any sandbox is left, used or not; a killed runner's go as builds' do (they
// die with it, the next runner sweeps their cgroups).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/result.h"
#include "runner/sandbox/limits/keeper.h"
#include "runner/sandbox/live_sandbox.h"
#include "runner/sandbox/remover.h"

namespace kiln::runner {

class SandboxPool {
 public:
  SandboxPool(SandboxHost host, LimitKeeper& limits, int slots);
  ~SandboxPool();
  SandboxPool(const SandboxPool&) = delete;
  SandboxPool& operator=(const SandboxPool&) = delete;

  // As Sandbox::start(); the spec's `slot` and `limits` are the pool's to say.
  [[nodiscard]] Result<std::unique_ptr<Sandbox>> start(const SandboxSpec& spec);

  // A good moment to make the next: the build that took the last one is under way.
  void prepare_next();

  // Since the start: prepared, of those given to a build, and of those thrown away without one.
  struct Tally {
    std::int64_t prepared = 0;
    std::int64_t used = 0;
    std::int64_t dropped = 0;
  };
  [[nodiscard]] Tally tally() const;

  // How many are prepared now, and whether one is before the time is up.
  [[nodiscard]] std::size_t ready() const;
  [[nodiscard]] bool wait_until_ready(std::chrono::milliseconds at_most);

 private:
  // Numbers of the uids in use: one for each sandbox, from its start until nothing of it is left.
  struct Numbers {
    std::mutex mutex;
    std::set<int> taken;
  };
  struct Wish {
    std::string api_base_url;
    std::filesystem::path tools;
    std::filesystem::path agent;
    bool operator==(const Wish&) const = default;
  };
  struct Prepared {
    Wish wish;
    NetworkPolicy policy;
    std::string system;  // system_facts()
    std::unique_ptr<LiveSandbox> sandbox;
  };

  void number(SandboxSpec& spec);
  [[nodiscard]] std::unique_ptr<LiveSandbox> take(const SandboxSpec& spec, const NetworkPolicy& policy);
  void work();
  [[nodiscard]] Result<Prepared> make(const Wish& wish);

  const SandboxHost host_;
  LimitKeeper& limits_;
  const std::size_t most_;
  const std::shared_ptr<Numbers> numbers_ = std::make_shared<Numbers>();
  Remover remover_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable made_;
  std::deque<Prepared> ready_;
  Tally tally_;
  std::optional<Wish> wish_;  // the last build's: the next one's will be the same
  bool now_ = false;
  bool ending_ = false;
  std::thread thread_;  // not running where nothing is prepared
};

}  // namespace kiln::runner
