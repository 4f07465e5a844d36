// What an account of the hosted service has, as a set-up for here: Workers with their addresses, connected
// repositories, triggers, variables, deploy hooks, names of secrets; and what of it cannot be brought over.
// One thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/set_up/hosted.h"
#include "cli/set_up/set_up.h"

namespace kiln::cli {

struct HostedSetUp {
  AccountSetUp set_up;
  bool whole = true;  // false: the token may not read a part, which left_over names
};

// `workers`: those alone; empty: all. Errors: those of asking, but for a part that the token may not read;
// Errc::not_found for a Worker that the account does not have.
[[nodiscard]] Result<HostedSetUp> read_hosted(Hosted& hosted, const std::vector<std::string>& workers);

}  // namespace kiln::cli
