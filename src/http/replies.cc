// How a connection answers: handlers here or in their pools, waits, and bodies in pieces.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <exception>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "http/conditional.h"
#include "http/connection.h"
#include "http/subscription.h"

namespace kiln::http {
namespace {

using boost::system::error_code;

constexpr int kMaxResubscribes = 8;  // in a row without a sleep, before it is taken for a loop
constexpr std::chrono::milliseconds kIdleStep{20};
constexpr std::chrono::milliseconds kBusyPause{50};
constexpr int kBusySeconds = 5;
constexpr int kSwitchingProtocols = 101;
constexpr std::string_view kLineEnd = "\r\n";

SteadyClock::time_point from_now(int milliseconds) {
  return SteadyClock::now() + std::chrono::milliseconds(milliseconds);
}

}  // namespace

void Connection::wake() {
  woken_ = true;
  timer_.cancel();
}

// The one place where an exception may come from a handler (memory, mostly): it costs that request, not the
// server.
Reply Connection::call_handler(const Route& route) const {
  const log::RequestScope scope(request_.id);
  try {
    return route.handler(request_);
  } catch (const std::exception& error) {
    return shared_.refuse(request_,
                          Error{Errc::internal, fmt::format("a handler threw: {}", error.what()), {}});
  }
}

StreamStep Connection::step(const Stream& stream) const {
  const log::RequestScope scope(request_.id);
  try {
    return stream.next();
  } catch (const std::exception& error) {
    // The status is out already; the error goes to the log through the table of errors.
    shared_.refuse(request_, Error{Errc::internal, fmt::format("a stream threw: {}", error.what()), {}});
    return StreamStep{{}, std::nullopt, true};
  }
}

// What is answered conditionally is compressed where it was made.
Reply Connection::call(const Route& route) const {
  Reply reply = call_handler(route);
  auto* const response = std::get_if<Response>(&reply);
  if (response != nullptr && route.options.conditional) answer_conditionally(request_, *response);
  return reply;
}

void Connection::note(const Route* route, int status, SteadyClock::time_point begun, bool waited) const {
  if (!shared_.options.answered) return;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - begun);
  shared_.options.answered({request_, route, status, took.count(), waited});
}

Reply Connection::too_busy(const Route& route) const {
  return shared_.refuse(request_, Error{Errc::unavailable,
                                        fmt::format("the server has as many {} under way and waiting as it "
                                                    "takes; ask again in {} s",
                                                    words_for(route.options.work), kBusySeconds),
                                        std::to_string(kBusySeconds)});
}

// The guard keeps the I/O thread alive until the pool's has come back to it.
template <typename T>
Task<std::optional<T>> Connection::run(const Route& route, const std::function<T()>& work) {
  if (!shared_.pools->reserve(route.options.work)) co_return std::nullopt;
  std::optional<T> result;
  const auto executor = socket_.get_executor();
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
      [&](auto resume) {
        shared_.pools->run(
            route.options.work, [&result, &work] { result.emplace(work()); },
            [executor, guard = asio::make_work_guard(executor), resume = std::move(resume)]() mutable {
              asio::post(executor, std::move(resume));
            });
      },
      kUse);
  co_return result;
}

// False when its pool has no place left. What is thrown there is no more than what was not done.
Task<bool> Connection::run_there(const Route& route, const std::function<void()>& work) {
  const std::function<bool()> guarded = [this, &work] {
    const log::RequestScope scope(request_.id);
    try {
      work();
    } catch (const std::exception& error) {
      log::error("taking a body: {}", error.what());
    }
    return true;
  };
  const std::optional<bool> ran = co_await run<bool>(route, guarded);
  co_return ran.has_value();
}

Task<std::optional<Reply>> Connection::ask(const Route& route) {
  const std::function<Reply()> work = [this, &route] { return call(route); };
  std::optional<Reply> reply = co_await run<Reply>(route, work);
  co_return reply;
}

Task<bool> Connection::answer(const Route& route) {
  const SteadyClock::time_point begun = SteadyClock::now();
  bool waited = false;
  std::optional<Reply> reply;
  if (route.options.work == Work::quick) {
    reply = call(route);
  } else {
    reply = co_await ask(route);
    if (!reply) reply = too_busy(route);
  }
  if (const auto* wait = std::get_if<Wait>(&*reply)) {
    const Wait asked = *wait;
    waited = true;
    reply = co_await wait_out(route, asked);
    unwatch();
  }
  if (!reply || !open_) co_return false;
  bool keep = parser_.keep_alive();
  if (auto* stream = std::get_if<Stream>(&*reply)) {
    note(&route, stream->status, begun, true);
    keep = co_await send_stream(route, std::move(*stream));
    unwatch();
    co_return keep;
  }
  if (auto* socket = std::get_if<WebSocket>(&*reply)) {
    note(&route, kSwitchingProtocols, begun, true);
    co_await serve_socket(std::move(*socket));
    unwatch();
    co_return false;
  }
  auto& response = std::get<Response>(*reply);
  let_body_go();
  note(&route, response.status, begun, waited);
  if (response.with_others) co_await asio::post(socket_.get_executor(), kUse);
  const Sent sent = send_now(response, keep);
  if (sent != Sent::a_part) co_return sent == Sent::whole&& keep;
  const bool rest = co_await send_rest(response);
  co_return rest&& keep;
}

// Asks the handler again at each wake until it has an answer or its time is up. Nothing when the client went
// away.
Task<std::optional<Reply>> Connection::wait_out(const Route& route, Wait wait) {
  const auto until = from_now(wait.timeout_ms);
  Subscription subscription(*this);
  int looks = 0;
  while (true) {
    const bool must_look = subscription.begin(wait.topic) && ++looks <= kMaxResubscribes;
    if (!must_look) {
      looks = 0;
      co_await sleep_until(until);
      if (gone_ || !open_) co_return std::nullopt;
    }
    // A topic that never falls silent must not keep its waiter for ever.
    if (SteadyClock::now() >= until) request_.last_try = true;
    woken_ = false;
    std::optional<Reply> reply;
    if (route.options.work == Work::quick) {
      reply = call(route);
    } else {
      reply = co_await ask(route);
    }
    if (!reply) {
      // It has waited so far and can go on; whoever cannot is told.
      if (request_.last_try) co_return too_busy(route);
      woken_ = false;
      co_await sleep_until(std::min(until, SteadyClock::now() + kBusyPause));
      if (gone_ || !open_) co_return std::nullopt;
      woken_ = true;
      continue;
    }
    if (!std::holds_alternative<Wait>(*reply)) co_return reply;
    if (request_.last_try) {
      co_return refusal(Errc::internal, "a handler waits on although its time is up", 0);
    }
    wait.topic = std::get<Wait>(*reply).topic;
  }
}

Task<bool> Connection::send_stream(const Route& route, Stream stream) {
  const bool chunked = !parser_.is_http_1_0() && !stream.length;
  const bool keep = (chunked || stream.length) && parser_.keep_alive();
  Framing framing;
  framing.chunked = chunked;
  framing.length = stream.length;
  framing.connection = keep ? "" : "close";
  head_.clear();
  append_head(head_, stream.status, stream.headers, framing, shared_.date.now());
  const bool begun = co_await write(head_);
  if (!begun) co_return false;
  if (request_.method == "HEAD") co_return keep;
  const std::function<StreamStep()> work = [this, &stream] { return step(stream); };
  std::uint64_t left = stream.length.value_or(0);
  Subscription subscription(*this);
  while (true) {
    woken_ = false;
    std::optional<StreamStep> next;
    if (route.options.work == Work::quick) {
      next = step(stream);
    } else {
      next = co_await run<StreamStep>(route, work);
    }
    if (!next) {
      co_await sleep_until(SteadyClock::now() + kBusyPause);
      if (gone_ || !open_) co_return false;
      continue;
    }
    if (stream.length && next->piece.size() > left) co_return false;
    left -= stream.length ? next->piece.size() : 0;
    const bool sent = co_await send_piece(next->piece, chunked);
    if (!sent) co_return false;
    if (next->end) break;
    if (next->wait && !subscription.begin(next->wait->topic)) {
      co_await sleep_until(from_now(next->wait->timeout_ms));
    } else if (!next->wait && next->piece.empty()) {
      co_await sleep_until(SteadyClock::now() + kIdleStep);
    } else {
      co_await asio::post(socket_.get_executor(), kUse);
    }
    if (gone_ || !open_) co_return false;
  }
  if (stream.length) co_return left == 0 && keep;
  if (!chunked) co_return false;
  const bool closed = co_await write("0\r\n\r\n");
  co_return closed&& keep;
}

Task<bool> Connection::send_piece(const std::string& piece, bool chunked) {
  if (piece.empty()) co_return true;
  if (!chunked) {
    const bool sent = co_await write(piece);
    co_return sent;
  }
  head_.clear();
  fmt::format_to(std::back_inserter(head_), "{:x}\r\n", piece.size());
  parts_.clear();
  for (const std::string_view part : {std::string_view(head_), std::string_view(piece), kLineEnd}) {
    parts_.push_back(part_of(part));
  }
  const bool sent = co_await write_parts();
  co_return sent;
}

// Until that time, a wake, the client's end of the connection, or stop().
Task<void> Connection::sleep_until(SteadyClock::time_point until) {
  watch();
  if (woken_ || gone_ || !open_) co_return;
  error_code ignored;
  timer_.expires_at(until);
  co_await timer_.async_wait(asio::redirect_error(kUse, ignored));
}

// Notices the client's leaving while nothing is read or written. Requests sent ahead are kept for later.
void Connection::watch() {
  if (watching_ || !open_) return;
  watching_ = true;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this(), watch = ++watch_](error_code ec) {
    self->on_readable(static_cast<bool>(ec), watch);
  });
}

void Connection::unwatch() {
  if (!watching_) return;
  watching_ = false;
  ++watch_;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::on_readable(bool failed, std::uint64_t watch_number) {
  if (watch_number != watch_) return;
  watching_ = false;
  if (failed || !open_ || input_.full()) return;
  error_code ec;
  const std::size_t got = socket_.read_some(input_.room(), ec);
  if (!ec) input_.commit(got);
  if (!ec || ec == asio::error::would_block || ec == asio::error::try_again) {
    watch();
    if (wakes_on_bytes_ && got > 0) wake();
    return;
  }
  gone_ = true;
  timer_.cancel();
}

}  // namespace kiln::http
