// Reading and writing of a front's connection.
#include <boost/asio/redirect_error.hpp>

#include "serving/front/connection.h"

namespace kiln::serving {

SteadyClock::time_point Connection::after(int milliseconds) const {
  return SteadyClock::now() + std::chrono::milliseconds(milliseconds);
}

// False at the end of the stream, on an error, and when the deadline passed.
Task<bool> Connection::fill_from_client() {
  error_code ec;
  const std::size_t got = co_await client_.async_read_some(in_.room(), asio::redirect_error(kUse, ec));
  read_deadline_ = kNever;
  if (ec || !open_) co_return false;
  in_.commit(got);
  co_return true;
}

Task<bool> Connection::fill_from_upstream() {
  watch_client_ = !pumping_;
  error_code ec;
  const std::size_t got =
      co_await upstream_->socket.async_read_some(upstream_->in.room(), asio::redirect_error(kUse, ec));
  watch_client_ = false;
  if (ec || !open_) co_return false;
  upstream_->in.commit(got);
  co_return true;
}

Task<bool> Connection::write(Socket& to, Parts& parts, std::size_t& sent, int timeout_ms,
                             SteadyClock::time_point& deadline) {
  while (open_) {
    error_code ec;
    std::size_t wrote = to.write_some(parts, ec);
    if (ec == asio::error::interrupted) continue;
    if (ec && ec != asio::error::would_block && ec != asio::error::try_again) co_return false;
    sent += wrote;
    const bool to_client = &to == &client_ && !internal_;
    std::size_t left = 0;
    for (asio::const_buffer& part : parts) {
      const std::size_t of_this = std::min(wrote, part.size());
      part += of_this;
      wrote -= of_this;
      left += part.size();
    }
    if (left == 0) co_return true;
    if (!ec) continue;
    // Of each bit of progress: a slow reader is not a dead one.
    deadline = timeout_ms == 0 ? kNever : after(timeout_ms);
    if (to_client) seat_->may_leave();
    co_await to.async_wait(Socket::wait_write, asio::redirect_error(kUse, ec));
    deadline = kNever;
    if (ec) co_return false;
    if (to_client && !awaits_body_) seat_->works();
  }
  co_return false;
}

Task<bool> Connection::write_to_client(std::string_view one, std::string_view other) {
  Parts parts = {asio::const_buffer(one.data(), one.size()), asio::const_buffer(other.data(), other.size())};
  std::size_t sent = 0;
  const bool wrote = co_await write(client_, parts, sent, core_.options.body_timeout_ms, write_deadline_);
  if (!wrote) client_gone_ = true;
  co_return wrote;
}

// A process that reads its request slowly makes the client wait, not fail.
Task<bool> Connection::write_to_upstream(std::string_view one, std::string_view other, std::size_t& sent) {
  Parts parts = {asio::const_buffer(one.data(), one.size()), asio::const_buffer(other.data(), other.size())};
  const bool wrote = co_await write(upstream_->socket, parts, sent, 0, pump_deadline_);
  co_return wrote;
}

void Connection::cancel_upstream() {
  error_code ignored;
  if (upstream_) upstream_->socket.cancel(ignored);
}

}  // namespace kiln::serving
