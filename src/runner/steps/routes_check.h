// Before the deploy command: routes that the server would refuse fail the build while what is live is still
// as it was. wrangler itself tells of routes only when the new version is live already. What is not found
// here (a script that calls wrangler, routes on its command line) the server judges when it is told.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/steps/attempt.h"

namespace kiln::runner {

// A command line's `wrangler deploy`, as far as it says which configuration counts.
struct WranglerDeploy {
  std::string config;  // --config; empty: the one that wrangler looks for
  std::string env;     // --env; empty: none, or that of the environment

  bool operator==(const WranglerDeploy&) const = default;
};

// Of each `wrangler deploy` that the command line holds in plain words (npx, pnpm exec and the like before
// it); not of those with routes, a name or variables of the shell of their own. Pure.
[[nodiscard]] std::vector<WranglerDeploy> wrangler_deploys(std::string_view command);

// Reads the configurations inside the sandbox and asks the server.
[[nodiscard]] StepResult check_routes(Attempt& attempt);

}  // namespace kiln::runner
