// One slot of the runner: runs one claimed build after another to its end, with the threads beside each and
// the server told everything. A slot belongs to one job thread; its StopSwitch alone is for others.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "model/job.h"
#include "runner/cache/archive_store.h"
#include "runner/log/build_log.h"
#include "runner/sandbox/limits/limits.h"
#include "runner/sandbox/sandbox.h"
#include "runner/server/server_client.h"
#include "runner/server/stop_switch.h"
#include "runner/steps/source.h"
#include "runner/steps/step_end.h"
#include "runner/tools/tool_cache.h"

namespace kiln::runner {

struct Attempt;

// Makes sandboxes; a test has its own.
class Sandboxes {
 public:
  virtual ~Sandboxes() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<Sandbox>> start(const SandboxSpec& spec) = 0;
  // A build is past its start: a good moment to make the next one's sandbox.
  virtual void prepare_next() {}
  // What became of those that were made ahead.
  [[nodiscard]] virtual wire::SandboxTally tally() const { return {}; }
};

// What all slots share. Owned by the service (or a test), outlives the slots, safe from any thread.
struct Workshop {
  const Clock& clock;
  ServerClients& clients;
  Sandboxes& sandboxes;
  Tools& tools;
  std::function<std::unique_ptr<Source>(const model::JobSpec&)> source_of;
  std::filesystem::path builds_folder;
  std::filesystem::path tools_folder;
  std::filesystem::path agent;
  std::map<std::string, std::string> operator_environment;
  Limits limits{};                        // for the words about them; the sandboxes obey them
  std::vector<std::string> unenforced{};  // sentences: which of them this machine cannot enforce, and why
  LogLimits log_limits{};
  ArchiveStore* caches = nullptr;                            // null: this machine keeps no build caches
  std::function<std::optional<std::string>()> why_closed{};  // why no build can be taken now; empty: never
};

class Slot {
 public:
  Slot(const Workshop& workshop, int number);

  // Until the build is over: finished at the server, lost to it, or given up because `stop` says so.
  void run(const model::JobSpec& job, StopSwitch& stop);

 private:
  StepResult run_steps(Attempt& attempt, std::unique_ptr<Sandbox>& sandbox, StopSwitch& stop);
  StepResult start_sandbox(Attempt& attempt, std::unique_ptr<Sandbox>& sandbox, StopSwitch& stop);

  const Workshop& workshop_;
  const int number_;
  // One client a thread: this one, the lease keeper, the log shipper. Connections stay open between builds.
  std::unique_ptr<ServerClient> client_;
  std::unique_ptr<ServerClient> keeper_client_;
  std::unique_ptr<ServerClient> shipper_client_;
};

}  // namespace kiln::runner
