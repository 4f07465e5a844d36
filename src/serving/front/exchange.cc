// One try to have a request answered by its version's process: the request's side.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "serving/front/connection.h"
#include "serving/front/pages.h"

namespace kiln::serving {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// How much of a body is read to its end after its answer has been given.
constexpr std::size_t kDrainBytes = 16U << 20U;

}  // namespace

Task<Connection::Outcome> Connection::exchange(std::shared_ptr<Connection> self) {
  heard_ = reusable_ = answered_ = pump_failed_ = deaf_ = false;
  client_gone_ = client_late_ = upstream_late_ = false;
  Outcome outcome = co_await send_request(self);
  if (outcome == Outcome::keep) outcome = co_await pass_answer(self);
  answered_ = true;
  if (outcome == Outcome::cut && pumping_) {
    error_code ignored;
    client_.cancel(ignored);
    cancel_upstream();
  }
  co_await join_pump();
  if (outcome == Outcome::keep && !body_.done()) outcome = Outcome::close;
  release_upstream(outcome);
  if (outcome == Outcome::close && !body_.done() && open_) co_await linger();
  co_return outcome;
}

void Connection::release_upstream(Outcome outcome) {
  const bool ended = outcome == Outcome::keep || outcome == Outcome::close;
  if (ended && open_ && reusable_ && body_.done() && !deaf_ && upstream_->in.empty()) {
    core_.upstreams.give_back(std::move(upstream_));
  }
  upstream_.reset();
}

// The head, and of the body what has come with it; the rest is the pump's. Outcome::keep: go on.
Task<Connection::Outcome> Connection::send_request(std::shared_ptr<Connection> self) {
  BodyScanner scanner(body_kind_, body_length_);
  const std::size_t here = scanner.take(in_.view());
  body_ = scanner;
  if (body_.broken()) {
    Error error{Errc::invalid, "The request's body is not well-formed chunks.", {}};
    const Outcome refused = co_await refuse(std::move(error));
    co_return refused;
  }
  whole_ = body_.done();
  std::size_t sent = 0;
  const bool wrote = co_await write_to_upstream(request_head_, in_.view().substr(0, here), sent);
  if (!wrote && open_ && upstream_->reused && (sent == 0 || (whole_ && idempotent_)))
    co_return Outcome::again;
  // A process that takes no more may still have said why.
  if (!wrote) deaf_ = true;
  if (whole_) {
    unconsumed_ = here;
    co_return Outcome::keep;
  }
  in_.consume(here);
  if (wants_continue_ && here == 0 && wrote) {
    const bool told = co_await write_to_client(kContinue);
    if (!told) co_return Outcome::cut;
  }
  start_pump(std::move(self));
  co_return Outcome::keep;
}

void Connection::start_pump(std::shared_ptr<Connection> self) {
  pumping_ = true;
  asio::co_spawn(core_.io, pump(std::move(self)), report_end);
}

// The rest of the request's body. Goes on reading it when the process takes no more, so that the client gets
// to read the answer.
Task<void> Connection::pump(std::shared_ptr<Connection> /*self*/) {
  std::size_t drained = 0;
  while (!body_.done() && open_) {
    if (in_.empty()) {
      read_deadline_ = after(core_.options.body_timeout_ms);
      // Whoever sends slowly gives way when all places are taken, like one who sends nothing.
      awaits_body_ = true;
      if (!internal_) seat_->waits();
      const bool more = co_await fill_from_client();
      seat_->works();
      awaits_body_ = false;
      if (!more) pump_failed_ = true;
      if (!more) break;
    }
    const std::string_view bytes = in_.view();
    const std::size_t count = body_.take(bytes);
    if (body_.broken()) {
      pump_failed_ = true;
      break;
    }
    if (!deaf_ && !answered_) {
      std::size_t sent = 0;
      const bool wrote = co_await write_to_upstream(bytes.substr(0, count), {}, sent);
      if (!wrote) deaf_ = true;
    } else {
      deaf_ = true;
      drained += count;
    }
    in_.consume(count);
    if (answered_ && drained > kDrainBytes) break;
    if (answer_deadline_ != kNever) answer_deadline_ = after(core_.options.response_timeout_ms);
  }
  pumping_ = false;
  if (pump_failed_) cancel_upstream();
  pump_end_.cancel();
}

Task<void> Connection::join_pump() {
  while (pumping_) {
    error_code ec;
    pump_end_.expires_at(kNever);
    co_await pump_end_.async_wait(asio::redirect_error(kUse, ec));
  }
}

}  // namespace kiln::serving
