// One connection over TLS, and the pipe on to whoever serves it. Internal to the door; includes Asio. The
// door's thread alone.
#pragma once

#include <array>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>
#include <unordered_set>

#include "http/net.h"
#include "http/seats.h"
#include "http/tls/tls_door.h"

namespace kiln::http {

class TlsConnection;

// What the connections of a door share.
struct TlsShared {
  TlsDoor::HandOn hand_on;
  TlsOptions options;
  std::unordered_set<TlsConnection*> connections;
};

class TlsConnection : public std::enable_shared_from_this<TlsConnection> {
 public:
  TlsConnection(TlsShared& shared, Socket socket, std::unique_ptr<Seats::Seat> seat,
                std::shared_ptr<const Certificates> certificates);
  ~TlsConnection();
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  // The connection's whole life; `self` keeps it alive meanwhile.
  static Task<void> live(std::shared_ptr<TlsConnection> self);
  // Ends what has outlasted its deadline.
  void check_deadline(SteadyClock::time_point now);
  void stop();

 private:
  static constexpr std::size_t kPiece = 16U << 10U;  // what one record of TLS holds
  using Piece = std::array<char, kPiece>;

  [[nodiscard]] Task<bool> greet();  // false: there is nobody to serve
  [[nodiscard]] bool hand_on();
  // Client to server, and back; each until its source ends.
  static Task<void> send_on(std::shared_ptr<TlsConnection> self);
  [[nodiscard]] Task<void> send_back();
  void set_deadline(int milliseconds);
  void clear_deadline() { deadline_ = SteadyClock::time_point::max(); }

  TlsShared& shared_;
  const std::shared_ptr<const Certificates> certificates_;
  const std::string peer_;
  asio::ssl::stream<Socket> client_;
  Socket server_;
  std::unique_ptr<Seats::Seat> seat_;
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
};

}  // namespace kiln::http
