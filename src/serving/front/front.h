// The front that makes deployed Workers answer: listens for HTTP/1.1, finds the version by the request's host
// (and, for an operator's own domains, its path) and passes the request on to that version's process, bodies
// streaming both ways.
//
// Owned by app. start() spawns the one thread that does all of it; stop() ends it and closes every
// connection. Public methods: any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "base/trusted_proxies.h"
#include "http/seats.h"
#include "serving/front/route_cache.h"
#include "serving/front/rpc_door.h"
#include "serving/runtimes.h"
#include "store/changes.h"
#include "store/route_resolver.h"
#include "workers/tails.h"

namespace kiln::serving {

struct FrontOptions {
  Places places;
  bool version_header = true;         // answers carry x-kiln-version
  int connect_timeout_ms = 30'000;    // until a version's process takes the connection, its start included
  int response_timeout_ms = 100'000;  // from the request's last byte to the answer's first
  int header_timeout_ms = 10'000;     // from the first byte of a request to the end of its head
  int body_timeout_ms = 60'000;       // without progress of a client in either direction
  int idle_timeout_ms = 75'000;       // of a kept client connection
  http::SeatLimits connections{4096, 256};  // of visitors
  std::size_t calls = 1024;                 // connections between Workers
  std::size_t large_heads = 128;            // heads beyond the usual size that may come at once
  TrustedProxies trusted_proxies;           // whose word on whom they speak for is believed
  std::string service_secret;               // of the keys of calls between Workers; empty: none are taken
  RpcDoor* rpc = nullptr;                   // takes those that are no HTTP; outlives the front
  workers::Tails* tails = nullptr;          // told of every request; outlives the front
  std::uint64_t seed = 1;                   // of the choice between the versions of a deployment
  // Hears of every request that led to a Worker, once it has its answer: whose it is, the status, and whether
  // the Worker gave it. On the front's thread: quick.
  std::function<void(const store::Route& route, int status, bool by_worker)> answered = {};
};

class Front {
 public:
  // Everything passed by reference outlives the front.
  Front(store::RouteResolver& store, const store::Changes& changes, Runtimes& runtimes,
        const FrontOptions& options);
  ~Front();
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  // "127.0.0.1", 0 picks a free port; returns the port. Errors: Errc::io (in use, not ours to bind),
  // Errc::invalid.
  [[nodiscard]] Result<std::uint16_t> listen_tcp(const std::string& host, std::uint16_t port);
  // Where one Worker's process calls another Worker, mode 0600: each request names it in x-kiln-service, its
  // entrypoint in x-kiln-entrypoint, its account in x-kiln-account, and shows the key of the three
  // (service_key.h) in x-kiln-secret, each once. They never reach a Worker. A CONNECT that names them in its
  // host is passed to `rpc`.
  [[nodiscard]] Status listen_services(const std::string& path);

  // Serves a visitor's connection that a door of this program's own hands in (http/tls/tls_door.h), which
  // begins with a PROXY header whose word counts.
  void take(Fd connection);

  void start();
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::serving
