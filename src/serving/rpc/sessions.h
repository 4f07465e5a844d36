// The relay's two sides: callers, each with one connection, and the sessions that they begin. Internal to the
// relay; everything here belongs to its one thread.
#pragma once

#include <capnp/capability.h>
#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <memory>
#include <string>

#include "serving/front/choose.h"
#include "serving/front/route_cache.h"
#include "serving/rpc/relay.h"

namespace kiln::serving {

// What the sessions of a relay share.
struct Exchange {
  kj::AsyncIoContext& io;
  RelayOptions options;
  RouteCache routes;
  Runtimes& runtimes;
  Chooser chooser;
  int sessions = 0;  // open now
};

// A connection to a version's process, for one event: a call session, or a delivery of tail events.
class Session {
 public:
  // Chooses the version, starts its process when needed and opens a connection. A rejection's words are for
  // whoever called.
  [[nodiscard]] static kj::Promise<kj::Own<Session>> open(Exchange& exchange, const Callee& callee);

  Session(Exchange& exchange, Endpoint endpoint, kj::Own<kj::AsyncIoStream> stream);
  ~Session() noexcept(false);
  KJ_DISALLOW_COPY(Session);

  [[nodiscard]] capnp::Capability::Client bootstrap();

 private:
  Exchange& exchange_;
  Endpoint endpoint_;  // keeps the process
  kj::Own<kj::AsyncIoStream> stream_;
  capnp::TwoPartyVatNetwork network_;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system_;
};

// One caller's connection, answered and served until it closes.
[[nodiscard]] kj::Promise<void> serve_caller(Exchange& exchange, kj::Own<kj::AsyncIoStream> stream,
                                             Callee callee, std::shared_ptr<void> seat);

}  // namespace kiln::serving
