// The HTTP/1.1 server: listens on TCP and unix sockets, reads bounded requests, calls handlers, writes
// replies.
//
// Owned by app. start() spawns the I/O thread and the threads behind it, for each kind of work its own
// (work.h); stop() ends them all and closes every connection. Handlers of Work::quick run on the I/O thread.
// All public methods are safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "base/trusted_proxies.h"
#include "http/body_budget.h"
#include "http/message.h"
#include "http/router.h"
#include "http/seats.h"
#include "http/work.h"

namespace kiln::http {

// What the server needs to wake waiting replies; app ties it to events::Hub.
class WakeSource {
 public:
  virtual ~WakeSource() = default;
  [[nodiscard]] virtual std::uint64_t subscribe(const std::string& topic, std::function<void()> wake) = 0;
  virtual void unsubscribe(std::uint64_t ticket) = 0;
};

// A request that has been answered, for whoever counts them.
struct Answered {
  const Request& request;
  const Route* route = nullptr;  // null: it was refused before it had one
  int status = 0;
  std::int64_t microseconds = 0;  // from its last byte to its answer
  bool waited = false;            // for news, so that its time says nothing of the server
};

struct ServerOptions {
  int header_timeout_ms = 10'000;  // from the first byte of a request to the end of its headers
  int body_timeout_ms = 60'000;    // without progress in a body
  int body_grace_ms = 30'000;      // before a body must have come at the rate below, from its first byte on
  std::size_t body_bytes_per_second = 8U << 10U;
  int body_wait_ms = 20'000;     // for room in memory, before a body is refused
  int idle_timeout_ms = 75'000;  // of a kept-alive connection
  std::size_t max_header_bytes = 32U << 10U;
  std::size_t large_heads = 64;        // heads beyond the usual size that may come at once
  SeatLimits connections;              // on TCP
  std::size_t unix_connections = 256;  // at each unix socket, apart from the others
  BodyLimits bodies;
  TrustedProxies trusted_proxies;  // whose word on whom they speak for is believed
  WorkRooms work = kWorkRooms;
  bool any_path = false;  // of paths that name no files: see parse_target()
  // Called on the I/O thread: quick.
  std::function<void(const Answered&)> answered = {};
};

class Server {
 public:
  // `refuse` turns an error of the server's own (no route, wrong method, body too large, bad request) into
  // the response in the API's envelope. `router`, `wakes` outlive the server.
  Server(const Router& router, WakeSource& wakes,
         std::function<Response(const Request&, const Error&)> refuse, const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "127.0.0.1:0" picks a free port; returns the port. Errors: Errc::io (in use, not ours to bind),
  // Errc::invalid.
  [[nodiscard]] Result<std::uint16_t> listen_tcp(const std::string& host, std::uint16_t port);
  // The same with routes of its own, of which `connections` may be open at once, apart from the others.
  [[nodiscard]] Result<std::uint16_t> listen_tcp(const std::string& host, std::uint16_t port,
                                                 const Router& router, std::size_t connections);
  // Replaces a stale socket file; mode 0600. Only these connections carry Request::peer_uid.
  // `router` may differ from the TCP one: the runner's and the administrator's routes are never on TCP.
  [[nodiscard]] Status listen_unix(const std::string& path, const Router& router);

  // Serves what a door of this program's own hands in (tls/tls_door.h), with the TCP routes: a connection
  // that begins with a PROXY header, whose word counts.
  void take(Fd connection);

  void start();
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::http
