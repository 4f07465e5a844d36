// A connection that has become a WebSocket.
#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "http/connection.h"
#include "http/subscription.h"
#include "http/web_socket.h"

namespace kiln::http {

Task<void> Connection::serve_socket(WebSocket socket) {
  const Result<std::string> accept = accept_web_socket(request_, socket.protocol);
  if (!accept) {
    Response response = shared_.refuse(request_, accept.error());
    const bool sent = co_await send(std::move(response), false);
    if (sent) co_await linger();
    co_return;
  }
  std::string out = fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nserver: kiln\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
      "sec-websocket-accept: {}\r\nsec-websocket-protocol: {}\r\n\r\n",
      *accept, socket.protocol);
  bool sent = co_await write(out);
  const Stream stream{200, {}, std::move(socket.next)};
  Subscription subscription(*this);
  wakes_on_bytes_ = true;
  while (sent && open_ && !gone_) {
    woken_ = false;
    const bool goes_on = co_await heed_frames();
    if (!goes_on) co_return;
    const StreamStep next = step(stream);
    out.clear();
    if (!next.piece.empty()) append_frame(out, Opcode::text, next.piece);
    if (next.end) append_frame(out, Opcode::close, kCloseNormal);
    if (!out.empty()) sent = co_await write(out);
    if (!sent || next.end) break;
    if (!next.wait || subscription.begin(next.wait->topic)) {
      co_await asio::post(socket_.get_executor(), kUse);
    } else {
      co_await sleep_until(SteadyClock::now() + std::chrono::milliseconds(next.wait->timeout_ms));
    }
  }
  // What the client still sends is not waited for: its side closes at our frame.
  unwatch();
  if (sent && open_ && !gone_) co_await linger();
}

// Reads the frames that have come. False when the connection is over.
Task<bool> Connection::heed_frames() {
  std::string out;
  bool goes_on = true;
  while (goes_on) {
    const Result<std::optional<Frame>> frame = read_frame(input_.view());
    if (frame && !*frame) break;
    if (!frame) {
      append_frame(out, Opcode::close,
                   frame.error().code == Errc::too_large ? kCloseTooLarge : kCloseProtocol);
      goes_on = false;
    } else if ((*frame)->opcode == Opcode::ping) {
      append_frame(out, Opcode::pong, (*frame)->payload);
    } else if ((*frame)->opcode == Opcode::close) {
      append_frame(out, Opcode::close, close_answer((*frame)->payload));
      goes_on = false;
    }
    if (frame) input_.consume((*frame)->size);
  }
  if (!out.empty()) {
    const bool sent = co_await write(out);
    if (!sent) co_return false;
  }
  co_return goes_on;
}

}  // namespace kiln::http
