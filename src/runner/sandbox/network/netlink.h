// The words a build's network is made with: rtnetlink messages, laid out before the fork of inside.h, since
// the forked child may not allocate. Pure: any thread.
//
// With egress a build's network is two namespaces. In the build's own, `tap0` is one end of a cable (a veth
// pair); the other end is in the router's, which has slirp4netns's device, no process and no socket. There
// the kernel forwards what comes out of the cable, by rules that a socket of the build's cannot speak to:
// whatever it is bound to and wherever it says that it wants to go, it only ever puts packets into the cable.
//
//   build: lo, tap0 10.0.2.100 ══ cable ══ build0, tap0 ── slirp4netns :router
#pragma once

#include <string>
#include <vector>

#include "runner/sandbox/network/policy.h"

namespace kiln::runner {

using NetlinkMessages = std::vector<std::string>;  // in the order to send; the kernel acknowledges each

// For the build's namespace: refusals that answer a program at once with "Permission denied". They are the
// courtesy, and the router is the wall.
//
// Two rules stand before the main table: DNS (port 53, TCP and UDP) to the name server goes on to it; all
// else asks a table of our own first, which refuses or lets pass by the longest prefix.
[[nodiscard]] NetlinkMessages routing_messages(const NetworkPolicy& policy);

// For the router's: the cable, whose other end goes to the namespace behind the descriptor `build`, and the
// same refusals for all that comes out of it. What has another source than the build's address is refused,
// and whatever slirp4netns delivers goes to the build or nowhere.
[[nodiscard]] NetlinkMessages router_messages(const NetworkPolicy& policy, int build);

// For the build's again, once the cable is there: its address and its way out.
[[nodiscard]] NetlinkMessages cable_messages();

}  // namespace kiln::runner
