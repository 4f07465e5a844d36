// What the steps of one attempt of a build share. Everything is owned by the job (runner/job.cc) or by the
// service; one thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/job.h"
#include "runner/lease.h"
#include "runner/log/build_log.h"
#include "runner/sandbox/sandbox.h"
#include "runner/server_client.h"
#include "runner/steps/source.h"
#include "runner/steps/step_end.h"
#include "runner/stop_switch.h"
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

  // Filled as the steps go.
  Sandbox* sandbox = nullptr;
  std::string root{};  // root_directory without slashes at its ends: "" or "apps/web"
  std::string commit{};
  std::map<std::string, std::string> contents{};  // of files_to_read(), by their names below the root
  std::set<std::string> present{};                // of files_to_find(), below the root
  std::vector<std::string> tool_folders{};        // inside the sandbox, before the system's PATH
  std::vector<std::string> install_commands{};
  bool uses_python = false;
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
