// Calls from Worker to Worker that are no HTTP: RPC to entrypoints, and tail events. Each calling process
// keeps one Cap'n Proto connection a binding; the relay stands between it and the called one, and chooses for
// each session anew which version takes it, as the deployment says now. So a deploy ends no session and
// leaves no caller at an old version. What the sessions say is passed on and not looked at.
//
// Owned by app. start() spawns the one thread that does all of it, with an event loop of kj's; stop() ends it
// and every session. enter(): any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "serving/front/rpc_door.h"
#include "serving/runtimes.h"
#include "store/changes.h"
#include "store/route_resolver.h"

namespace kiln::serving {

struct RelayOptions {
  int connect_timeout_ms = 30'000;  // until a version's process takes a session, its start included
  int max_sessions = 512;           // open at once: Workers that call each other in a circle come to an end
  std::size_t max_in_flight = std::size_t{64} << 20U;  // bytes of one side's calls that wait for their end
  std::uint64_t seed = 1;                              // of the choice between the versions of a deployment
};

class Relay final : public RpcDoor {
 public:
  // Everything passed by reference outlives the relay.
  Relay(store::RouteResolver& store, const store::Changes& changes, Runtimes& runtimes,
        const RelayOptions& options);
  ~Relay() override;
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void start();
  void stop();

  void enter(Fd connection, Callee callee, std::shared_ptr<void> seat) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::serving
