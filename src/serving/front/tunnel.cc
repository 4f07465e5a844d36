// After a 101: bytes both ways until both sides have ended.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "serving/front/connection.h"
#include "serving/front/rewrite.h"

namespace kiln::serving {
namespace {

// How long one side may go on when the other has ended.
constexpr int kHalfOpenMs = 10'000;

}  // namespace

Task<void> Connection::tunnel(std::shared_ptr<Connection> self) {
  Answering answering;
  if (core_.options.version_header) answering.version = version_text_;
  answer_head_.clear();
  append_response_head(answer_head_, answer_, answering);
  upstream_->in.consume(answer_bytes_);
  const bool wrote = co_await write_to_client(answer_head_);
  if (!wrote) co_return;
  co_await join_pump();
  pumping_ = true;
  asio::co_spawn(core_.io, copy_up(std::move(self)), report_end);
  co_await copy(upstream_->socket, upstream_->in, client_);
  co_await join_pump();
}

Task<void> Connection::copy_up(std::shared_ptr<Connection> /*self*/) {
  co_await copy(client_, in_, upstream_->socket);
  pumping_ = false;
  pump_end_.cancel();
}

Task<void> Connection::copy(Socket& from, Buffer& buffer, Socket& to) {
  error_code ec;
  SteadyClock::time_point unused = kNever;
  while (open_) {
    if (!buffer.empty()) {
      Parts parts = {asio::const_buffer(buffer.view().data(), buffer.view().size()), asio::const_buffer()};
      std::size_t sent = 0;
      const bool wrote = co_await write(to, parts, sent, 0, unused);
      if (!wrote) break;
      buffer.consume(buffer.view().size());
    }
    // Whoever says nothing gives way when all places are taken, like a connection between two requests.
    if (!internal_) seat_->waits();
    const std::size_t got = co_await from.async_read_some(buffer.room(), asio::redirect_error(kUse, ec));
    if (ec) break;
    buffer.commit(got);
  }
  if (ec == asio::error::eof && open_) {
    error_code ignored;
    to.shutdown(Socket::shutdown_send, ignored);
    // The deadlines end the other direction, which may be waiting on either socket.
    if (read_deadline_ == kNever) read_deadline_ = answer_deadline_ = after(kHalfOpenMs);
    co_return;
  }
  end_tunnel();
}

// Nothing more in either direction.
void Connection::end_tunnel() {
  error_code ignored;
  open_ = false;
  client_.cancel(ignored);
  cancel_upstream();
}

}  // namespace kiln::serving
