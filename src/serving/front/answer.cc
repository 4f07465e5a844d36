// One try to have a request answered by its version's process: the answer's side.
#include <utility>

#include "serving/front/connection.h"
#include "serving/front/rewrite.h"

namespace kiln::serving {
namespace {

constexpr int kContinueStatus = 100;
constexpr int kFinal = 200;

}  // namespace

Task<Connection::Outcome> Connection::pass_answer(std::shared_ptr<Connection> self) {
  answer_deadline_ = after(core_.options.response_timeout_ms);
  while (true) {
    const bool read = co_await read_answer_head();
    if (!read || (answer_.status == kSwitching && !upgrade_)) {
      const Outcome failed = co_await no_answer();
      co_return failed;
    }
    if (answer_.status >= kFinal || answer_.status == kSwitching) break;
    // The front has asked for no 100, and HTTP/1.0 knows none of them.
    if (answer_.status != kContinueStatus && !http_1_0_) {
      const bool wrote = co_await write_to_client(upstream_->in.view().substr(0, answer_bytes_));
      if (!wrote) co_return Outcome::cut;
    }
    upstream_->in.consume(answer_bytes_);
  }
  tail_status_ = answer_.status;
  by_worker_ = true;
  answer_deadline_ = kNever;
  if (answer_.status == kSwitching) {
    co_await tunnel(std::move(self));
    co_return Outcome::cut;
  }
  const Outcome outcome = co_await pass_answer_body();
  co_return outcome;
}

// A whole head into `answer_`. False when none comes, or one that cannot be passed on.
Task<bool> Connection::read_answer_head() {
  std::size_t scanned = 0;
  Buffer& in = upstream_->in;
  while (true) {
    const std::optional<std::size_t> size = http::head_size(in.view(), scanned);
    answer_bytes_ = size.value_or(0);
    if (answer_bytes_ > 0) break;
    if (!size || in.full()) co_return false;
    const bool more = co_await fill_from_upstream();
    if (!more) co_return false;
    if (heard_) continue;
    heard_ = true;
    // No second try from here on.
    in_.consume(unconsumed_);
    unconsumed_ = 0;
  }
  co_return http::parse_response(in.view().substr(0, answer_bytes_), is_head_, answer_);
}

Task<Connection::Outcome> Connection::no_answer() {
  answer_deadline_ = kNever;
  if (!open_ || client_gone_) co_return Outcome::cut;
  const bool may_repeat = upstream_->reused && !heard_ && whole_ && idempotent_;
  if (may_repeat && !upstream_late_) co_return Outcome::again;
  in_.consume(unconsumed_);
  unconsumed_ = 0;
  Error error{Errc::io,
              "The Worker's process ended without an answer. Try again; `kiln tail` and Kiln's log say what "
              "it did.",
              {}};
  if (upstream_late_) {
    error = {Errc::timeout,
             "The Worker did not answer in time. See what it waits for, or raise "
             "workers.response_timeout_seconds.",
             {}};
  } else if (pump_failed_ && body_.broken()) {
    error = {Errc::invalid, "The request's body is not well-formed chunks.", {}};
  } else if (pump_failed_ && client_late_) {
    error = {Errc::timeout, "The request's body did not come in time.", "request"};
  } else if (pump_failed_) {
    co_return Outcome::cut;  // the client left in the middle of it
  }
  const Outcome refused = co_await refuse(std::move(error));
  co_return refused;
}

// Head and body as they come. A client of HTTP/1.0 gets the body without its chunks.
Task<Connection::Outcome> Connection::pass_answer_body() {
  const bool unchunk = http_1_0_ && answer_.body == Body::chunked;
  const bool keep = keep_ && answer_.body != Body::until_end;
  Answering answering;
  if (core_.options.version_header) answering.version = version_text_;
  answering.close = !keep;
  answering.chunked = answer_.body == Body::chunked && !unchunk;
  answer_head_.clear();
  append_response_head(answer_head_, answer_, answering);
  BodyScanner body(answer_.body, answer_.length);
  reusable_ = answer_.keep_alive && answer_.body != Body::until_end;
  Buffer& in = upstream_->in;
  in.consume(answer_bytes_);
  std::string_view head = answer_head_;
  while (true) {
    payload_.clear();
    const std::string_view bytes = in.view();
    const std::size_t count = body.take(bytes, unchunk ? &payload_ : nullptr);
    if (body.broken()) co_return Outcome::cut;
    const bool wrote = co_await write_to_client(head, unchunk ? payload_ : bytes.substr(0, count));
    if (!wrote) co_return Outcome::cut;
    head = {};
    in.consume(count);
    if (body.done()) break;
    const bool more = co_await fill_from_upstream();
    if (more) continue;
    if (body.ends_with_connection() && open_ && !client_gone_) break;
    co_return Outcome::cut;
  }
  co_return keep ? Outcome::keep : Outcome::close;
}

}  // namespace kiln::serving
