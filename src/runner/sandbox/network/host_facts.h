// What this machine says about its network, now. No state: any thread. resolve() may ask the name server.
#pragma once

#include "runner/sandbox/network/policy.h"

namespace kiln::runner {

// Errors: Errc::io. Without the list of own addresses there is no wall around them.
[[nodiscard]] Result<HostFacts> read_host_facts();

// What a name or a literal address means on this host; empty when it means nothing.
[[nodiscard]] std::vector<Address> resolve(const std::string& name);

// The policy of one build on this machine now. `api_base_url` may be empty. Errors: those of
// read_host_facts().
[[nodiscard]] Result<NetworkPolicy> policy_for(const model::NetworkSettings& settings,
                                               const std::string& api_base_url);

}  // namespace kiln::runner
