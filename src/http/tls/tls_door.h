// Where TLS is spoken: takes connections, proves by a certificate who is here, and hands what comes over
// each, deciphered, to whoever serves the name that the client asked for, as a connection that begins with a
// PROXY header (proxy_header.h) of the client's address. So what lies behind knows of no TLS.
//
// Owned by app. start() spawns the one thread that does all of it; stop() ends it and every connection.
// Public methods: any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"
#include "http/seats.h"
#include "http/tls/certificates.h"

namespace kiln::http {

struct TlsOptions {
  SeatLimits connections;
  int handshake_timeout_ms = 10'000;  // from the connection's first moment
  int write_timeout_ms = 60'000;      // without progress of a client that is written to
};

class TlsDoor {
 public:
  // `hand_on` is called on the door's thread with the name that the client asked for, in lower case and empty
  // where it asked for none, and with the other end; quick.
  using HandOn = std::function<void(std::string_view name, Fd connection)>;
  TlsDoor(std::shared_ptr<const Certificates> certificates, HandOn hand_on, const TlsOptions& options);
  ~TlsDoor();
  TlsDoor(const TlsDoor&) = delete;
  TlsDoor& operator=(const TlsDoor&) = delete;

  // "127.0.0.1", 0 picks a free port; returns the port. Errors: Errc::io (in use, not ours to bind),
  // Errc::invalid.
  [[nodiscard]] Result<std::uint16_t> listen_tcp(const std::string& host, std::uint16_t port);
  // When the first of its certificates ends.
  [[nodiscard]] TimeMs expires_on() const;
  // For connections from now on.
  void replace(std::shared_ptr<const Certificates> certificates);

  void start();
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::http
