// Does what a plan says, step by step, through the server's API. What is done stays done when a later step
// fails: the next import finds it there. One thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/server.h"
#include "cli/set_up/here.h"
#include "cli/set_up/plan.h"
#include "cli/set_up/secret_values.h"

namespace kiln::cli {

enum class Outcome {
  stays,  // nothing was to be done
  done,
  left,       // a step that cannot be done yet: its `why` and `command` say what settles it
  failed,     // `error` says why
  not_tried,  // the server was gone, or what the step needs has failed
};

struct DoneStep {
  Step step;
  Outcome outcome = Outcome::stays;
  std::string error{};
  std::string url{};  // of a deploy hook that was made: whoever has it can start builds
};

// `here` is what the plan was made of.
[[nodiscard]] std::vector<DoneStep> carry_out(Server& server, const Here& here, const Plan& plan,
                                              SecretValues& secrets);

}  // namespace kiln::cli
