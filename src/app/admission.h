// How much of the process its clients may take: connections, and with them descriptors, and memory for the
// bodies of requests. Called once, by serve and Service while they wire; no state but the first limit.
#pragma once

#include <cstddef>

#include "http/server.h"
#include "settings/config.h"

namespace kiln::app {

// Raises the process's limit of descriptors to what it may be; returns it. Once, before there are threads.
std::size_t raise_descriptor_limit();
// In a child before it executes another program: the limit is what it was. Async-signal-safe.
void restore_descriptor_limit();

// Who may have how many connections out of that many descriptors. A part is kept for all that is no
// connection: the database, files, children. The runner's and the administrator's sockets have their own, and
// a visitor of a Worker needs one on to its process.
struct ConnectionShares {
  http::SeatLimits api;
  std::size_t unix_socket = 0;  // each
  http::SeatLimits visitors;
  http::SeatLimits tls{0, 0};  // over our own TLS, each before it is the API's or a visitor's
  std::size_t calls = 0;       // between Workers; as many RPC sessions, and connections to their cache
};
[[nodiscard]] ConnectionShares share_connections(std::size_t descriptors, const settings::Config& config);

[[nodiscard]] http::ServerOptions server_options(std::size_t descriptors, const settings::Config& config);

}  // namespace kiln::app
