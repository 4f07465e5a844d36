// What the steps of one attempt of a build share. Everything is owned by the job (runner/job.cc) or by the
// service; one thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/job.h"
#include "runner/cache/archive_store.h"
#include "runner/cache/cache_plan.h"
#include "runner/log/build_log.h"
#include "runner/sandbox/sandbox.h"
#include "runner/server/lease.h"
#include "runner/server/server_client.h"
#include "runner/server/stop_switch.h"
#include "runner/steps/source.h"
#include "runner/steps/step_end.h"
#include "runner/tools/detect.h"
#include "runner/tools/project_view.h"
#include "runner/tools/tool_cache.h"

namespace kiln::runner {

struct Attempt {
  const model::JobSpec& job;
  const std::map<std::string, std::string>& operator_environment;  // [runner.environment] of the settings
  BuildLog& log;
  Lease& lease;
  ServerClient& server;
  const StopSwitch& stop;
  Source& source;
  Tools& tools;
  ArchiveStore* caches = nullptr;  // null: this build has no cache

  // Filled as the steps go.
  Sandbox* sandbox = nullptr;
  std::string root{};  // root_directory without slashes at its ends: "" or "apps/web"
  std::string commit{};
  RepositoryFiles files{};  // those that choose tools, of the root directory and the folders above it
  std::vector<scm::Submodule> submodules{};
  std::string lfs_pointers{};            // how many files of the checkout are; empty: none
  std::string lock_ids{};                // git's words for the lock files among them
  ProjectView view{};                    // what the project sees of `files`
  std::filesystem::path cache_folder{};  // on the host: what is lent to this build
  std::optional<CachePlan> dependencies{};
  std::optional<CachePlan> output{};
  std::optional<LentArchive> restored_dependencies{};
  std::optional<LentArchive> restored_output{};
  std::vector<std::string> tool_folders{};  // inside the sandbox, before the system's PATH
  std::vector<std::shared_ptr<const Fd>> tools_in_use{};
  std::vector<std::string> install_commands{};
  std::optional<PackageManager> manager{};  // of a project with a package.json
  bool uses_python = false;
  bool npx_refuses = false;  // ProjectNeeds::npx_refuses
};

// Logs why, as the last words of a failing step.
inline StepResult failed(Attempt& attempt, const std::string& headline, const std::string& detail) {
  attempt.log.say(headline);
  if (!detail.empty()) attempt.log.say(detail);
  return {StepEnd::failed, detail.empty() ? headline : detail};
}

// Tells the server which step begins, and waits until it knows.
StepResult enter(Attempt& attempt, model::Step step);

}  // namespace kiln::runner
