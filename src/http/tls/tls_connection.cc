#include "http/tls/tls_connection.h"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "base/strings.h"
#include "http/listen.h"
#include "http/proxy_header.h"

namespace kiln::http {
namespace {

constexpr unsigned char kHandshake = 0x16;  // the type of a TLS connection's first record
constexpr int kGoodbyeMs = 2'000;
constexpr std::string_view kPlain =
    "HTTP/1.0 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n\r\n"
    "This address speaks TLS: ask it by an address of https, not http.\n";

}  // namespace

TlsConnection::TlsConnection(TlsShared& shared, Socket socket, std::unique_ptr<Seats::Seat> seat,
                             std::shared_ptr<const Certificates> certificates)
    : shared_(shared),
      certificates_(std::move(certificates)),
      peer_(peer_address(socket.native_handle())),
      client_(std::move(socket), SSL_new(certificates_->context_for({}))),
      server_(client_.get_executor()),
      seat_(std::move(seat)) {
  seat_->on_leave([this] { stop(); });
  seat_->waits();
  shared_.connections.insert(this);
}

TlsConnection::~TlsConnection() {
  shared_.connections.erase(this);
}

void TlsConnection::set_deadline(int milliseconds) {
  deadline_ = SteadyClock::now() + std::chrono::milliseconds(milliseconds);
}

void TlsConnection::check_deadline(SteadyClock::time_point now) {
  if (now >= deadline_) stop();
}

void TlsConnection::stop() {
  error_code ignored;
  client_.lowest_layer().close(ignored);
  server_.close(ignored);
}

Task<void> TlsConnection::live(std::shared_ptr<TlsConnection> self) {
  self->set_deadline(self->shared_.options.handshake_timeout_ms);
  const bool served = co_await self->greet();
  if (served) {
    self->clear_deadline();
    self->seat_->works();
    asio::co_spawn(self->client_.get_executor(), send_on(self), report_end);
    co_await self->send_back();
  }
  self->stop();
}

Task<bool> TlsConnection::greet() {
  error_code ec;
  Socket& socket = client_.next_layer();
  co_await socket.async_wait(Socket::wait_read, asio::redirect_error(kUse, ec));
  if (ec) co_return false;
  unsigned char first = 0;
  if (recv(socket.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1) co_return false;
  if (first != kHandshake) {
    turn_away(socket.native_handle(), kPlain);
    co_return false;
  }
  co_await client_.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(kUse, ec));
  co_return !ec && hand_on();
}

bool TlsConnection::hand_on() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    log::error("a connection over TLS cannot be passed on: {}", std::strerror(errno));
    return false;
  }
  Fd theirs(ends[1]);
  error_code ec;
  server_.assign(asio::generic::stream_protocol(AF_UNIX, 0), ends[0], ec);
  if (ec) return false;
  const std::string header = proxy_header(peer_, true);
  if (::send(ends[0], header.data(), header.size(), MSG_NOSIGNAL | MSG_DONTWAIT) !=
      static_cast<ssize_t>(header.size()))
    return false;
  const char* name = SSL_get_servername(client_.native_handle(), TLSEXT_NAMETYPE_host_name);
  shared_.hand_on(name == nullptr ? std::string() : to_lower(name), std::move(theirs));
  return true;
}

Task<void> TlsConnection::send_on(std::shared_ptr<TlsConnection> self) {
  const auto piece = std::make_unique<Piece>();
  error_code ec;
  while (true) {
    const std::size_t got =
        co_await self->client_.async_read_some(asio::buffer(*piece), asio::redirect_error(kUse, ec));
    if (ec) break;
    co_await asio::async_write(self->server_, asio::buffer(*piece, got), asio::redirect_error(kUse, ec));
    if (ec) break;
  }
  // The client says no more; what is asked already is answered yet.
  self->server_.shutdown(Socket::shutdown_send, ec);
}

Task<void> TlsConnection::send_back() {
  const auto piece = std::make_unique<Piece>();
  error_code ec;
  while (true) {
    const std::size_t got =
        co_await server_.async_read_some(asio::buffer(*piece), asio::redirect_error(kUse, ec));
    if (ec) break;
    set_deadline(shared_.options.write_timeout_ms);
    co_await asio::async_write(client_, asio::buffer(*piece, got), asio::redirect_error(kUse, ec));
    clear_deadline();
    if (ec) co_return;
  }
  // The end is said, so that nobody takes a cut answer for a whole one; the client need not say the same.
  set_deadline(kGoodbyeMs);
  client_.next_layer().cancel(ec);
  SSL_set_shutdown(client_.native_handle(),
                   SSL_get_shutdown(client_.native_handle()) | SSL_RECEIVED_SHUTDOWN);
  co_await client_.async_shutdown(asio::redirect_error(kUse, ec));
}

}  // namespace kiln::http
