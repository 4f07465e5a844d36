// How a connection receives a request's body: within what its sender may hold of memory, and at a least rate.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>

#include "base/ip_address.h"
#include "base/strings.h"
#include "http/connection.h"

namespace kiln::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr const char* kComeAgainSeconds = "10";
constexpr std::chrono::milliseconds kPause{5};

}  // namespace

// What a known sender announces is set aside before it comes, so that bodies which are half there never wait
// for each other. A stranger's counts as it comes.
Task<Connection::Received> Connection::receive_body() {
  cut_ = false;
  if (request_.caller == 0) {
    held_.begin_stranger(group_of(request_.peer));
  } else {
    held_.begin(request_.caller, request_.peer_uid.has_value());
    const bool room = co_await wait_for_room(static_cast<std::size_t>(parser_.length()));
    if (!room) co_return refusal_ ? Received::broken : Received::over;
  }
  const bool invited = co_await send_continue();
  if (!invited) co_return Received::over;
  const SteadyClock::time_point begun = SteadyClock::now();
  while (true) {
    const auto [used, step] = parser_.feed(input_.view());
    input_.consume(used);
    if (const std::optional<Received> refused = refuse_body(step)) co_return *refused;
    const std::string& body = request_.body;
    // Beyond a delivery's usual size a stranger's comes with pauses, into room for all of it and no more.
    const bool much = request_.caller == 0 && body.size() > shared_.options.bodies.much;
    if (much) request_.body.reserve(static_cast<std::size_t>(parser_.length()));
    const BodyBudget::Answer granted = held_.grow_to(body.empty() ? 0 : body.capacity());
    if (granted != BodyBudget::Answer::granted) {
      refusal_ = no_room(granted);
      give_memory_back(request_.body);
      co_return Received::broken;
    }
    if (step == RequestParser::Step::done) {
      held_.settle();
      co_return Received::request;
    }
    const std::optional<Received> over = co_await read_more(begun, much);
    if (over) co_return *over;
  }
}

std::optional<Connection::Received> Connection::refuse_body(RequestParser::Step step) {
  if (step == RequestParser::Step::body_too_large) {
    refusal_ = refusal(Errc::too_large, "Invalid request body: it is larger than this operation takes", 0);
    return Received::broken;
  }
  if (step == RequestParser::Step::malformed) {
    refusal_ = refusal(Errc::invalid, "Invalid request body: its chunks are not well-formed", 0);
    return Received::broken;
  }
  return std::nullopt;
}

Task<bool> Connection::send_continue() {
  if (!parser_.wants_continue() || !input_.view().empty()) co_return true;
  const bool sent = co_await write(kContinue);
  co_return sent;
}

Task<std::optional<Connection::Received>> Connection::read_more(SteadyClock::time_point begun, bool much) {
  set_body_deadline(begun);
  error_code ec;
  const std::size_t got = co_await socket_.async_read_some(input_.room(), asio::redirect_error(kUse, ec));
  const bool more = filled(ec, got);
  if (more && much) co_await pause();
  if (cut_) {
    refusal_ =
        shared_.refuse(request_, Error{Errc::unavailable,
                                       "the server takes in as many bodies of senders that it does not know "
                                       "as it may, and this one had to give way; send it again in a moment",
                                       kComeAgainSeconds});
    co_return Received::broken;
  }
  if (!more && timed_out_) {
    refusal_ = refusal(Errc::timeout, "Invalid request body: it did not come in time", 408);
    co_return Received::broken;
  }
  if (!more) co_return Received::over;
  co_return std::nullopt;
}

void Connection::cut_body() {
  cut_ = true;
  give_memory_back(request_.body);
  error_code ignored;
  socket_.cancel(ignored);
  timer_.cancel();
}

// Between reads of what a stranger sends in plenty: whoever floods waits, nobody else.
Task<void> Connection::pause() {
  error_code ignored;
  timer_.expires_after(kPause);
  co_await timer_.async_wait(asio::redirect_error(kUse, ignored));
}

// Each bit of progress gives more time, and all of it together must come at the least rate.
void Connection::set_body_deadline(SteadyClock::time_point begun) {
  const ServerOptions& options = shared_.options;
  const auto whole_seconds = parser_.received() / std::max<std::size_t>(options.body_bytes_per_second, 1);
  const auto by_rate = begun + std::chrono::milliseconds(options.body_grace_ms) +
                       std::chrono::seconds(static_cast<std::int64_t>(whole_seconds));
  set_deadline(options.body_timeout_ms);
  deadline_ = std::min(deadline_, by_rate);
}

// False with a refusal when there is no room for what was announced in time, without when the client left.
Task<bool> Connection::wait_for_room(std::size_t bytes) {
  const auto until = SteadyClock::now() + std::chrono::milliseconds(shared_.options.body_wait_ms);
  seat_->works();
  clear_deadline();
  refusal_.reset();
  while (true) {
    woken_ = false;
    const BodyBudget::Answer answer = held_.grow_to(bytes);
    if (answer == BodyBudget::Answer::granted) break;
    if (gone_ || !open_) co_return false;
    if (SteadyClock::now() >= until) {
      unwatch();
      refusal_ = no_room(answer);
      co_return false;
    }
    shared_.bodies.wait(*this);
    co_await sleep_until(until);
    shared_.bodies.leave(*this);
  }
  unwatch();
  request_.body.reserve(bytes);
  co_return true;
}

Response Connection::no_room(BodyBudget::Answer answer) const {
  constexpr std::size_t mib = std::size_t{1} << 20U;
  const bool own = answer == BodyBudget::Answer::share_is_used && request_.caller != 0;
  const std::size_t most = own ? shared_.options.bodies.of_caller : shared_.options.bodies.all;
  const std::string words =
      own ? fmt::format(
                "the bodies of this token's requests take the {} MiB that it may use at a time; send "
                "this one again when others have ended",
                most / mib)
          : std::string(
                "the server holds as many bodies of requests as it takes; send this one again in a "
                "moment");
  return shared_.refuse(request_, Error{Errc::rate_limited, words, kComeAgainSeconds});
}

}  // namespace kiln::http
