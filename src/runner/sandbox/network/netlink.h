// The words a build's namespace is given its routing with: rtnetlink messages, laid out before the fork of
// inside.h, since the forked child may not allocate. Pure: any thread.
#pragma once

#include <string>
#include <vector>

#include "runner/sandbox/network/policy.h"

namespace kiln::runner {

// One message each, in the order in which they are to be sent; the kernel acknowledges each.
//
// Two rules stand before the main table: DNS (port 53, TCP and UDP) to the name server goes on to it; all
// else asks a table of our own first, which refuses or lets pass by the longest prefix. So slirp4netns sets
// the main table up as it likes, and nothing depends on who comes first.
[[nodiscard]] std::vector<std::string> routing_messages(const NetworkPolicy& policy);

}  // namespace kiln::runner
