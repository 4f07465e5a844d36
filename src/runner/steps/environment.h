// The environment of a build's commands. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/job.h"

namespace kiln::runner {

// Where wrangler notes what it uploaded: outside the checkout.
inline constexpr const char* kOutputFile = "/opt/buildhome/.kiln-wrangler-output.ndjson";

struct EnvironmentFacts {
  std::string commit;
  std::vector<std::string> tool_folders;
  std::map<std::string, std::string> operator_environment;
  bool system_certificates = false;
  bool uses_python = false;
  bool forces_npx = false;   // to run although devEngines names another manager
  std::string trace_parent;  // of the step that runs the command; empty: none
};

// KEY=VALUE, the whole of it: the documented variables, the operator's, the trigger's own over them, and last
// those that a trigger cannot change (token, account, API address, output file).
[[nodiscard]] std::vector<std::string> command_environment(const model::JobSpec& job,
                                                           const EnvironmentFacts& facts);

// For our own git inside the sandbox: nobody's configuration, no hooks, no filters, no prompts.
[[nodiscard]] std::vector<std::string> git_environment();

}  // namespace kiln::runner
