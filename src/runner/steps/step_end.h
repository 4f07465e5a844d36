// How a step of a build ended. Values; any thread.
#pragma once

#include <string>

namespace kiln::runner {

enum class StepEnd {
  done,     // go on with the next
  failed,   // the build fails; the log says why
  stopped,  // the build was stopped from outside (StopSwitch knows why), or is no longer ours
};

struct StepResult {
  StepEnd end = StepEnd::done;
  std::string reason;     // of a failure, in one line, without secrets
  std::string command{};  // that failed, and how it ended: "exit code 1"; empty: no command of the project's
  std::string ending{};
};

}  // namespace kiln::runner
