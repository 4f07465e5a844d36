#include "http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cstring>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "http/client_address.h"
#include "http/listen.h"
#include "http/proxy_header.h"

namespace kiln::http {
namespace {

using boost::system::error_code;

constexpr std::size_t kInputSlack = 4U << 10U;
constexpr std::size_t kSmallBody = 32U << 10U;
constexpr int kLingerMs = 2'000;
constexpr std::size_t kLingerBytes = 16U << 20U;
constexpr RequestParser::Progress kNothing{0, RequestParser::Step::need_more};

}  // namespace

void InputBuffer::consume(std::size_t count) {
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

asio::mutable_buffer InputBuffer::room() {
  if (bytes_ == nullptr) bytes_ = std::make_unique_for_overwrite<char[]>(capacity_);
  if (begin_ > 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

Connection::Connection(Shared& shared, Socket socket, std::unique_ptr<Seats::Seat> seat, const Router& router,
                       bool from_door)
    : shared_(shared),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      router_(router),
      input_(shared.options.max_header_bytes + kInputSlack),
      parser_(shared.options.max_header_bytes),
      seat_(std::move(seat)),
      peer_(peer_address(socket_.native_handle())),
      may_be_told_(from_door || shared.options.trusted_proxies.contain(peer_)),
      must_be_told_(from_door),
      held_(shared.bodies, *this) {
  socket_.non_blocking(true);
  seat_->on_leave([this] { stop(); });
  // The process behind a door's connection is this one, and no caller.
  if (!from_door) request_.peer_uid = peer_uid(socket_.native_handle());
  shared_.connections.insert(this);
}

Connection::~Connection() {
  shared_.connections.erase(this);
}

Task<void> Connection::live(std::shared_ptr<Connection> self) {
  while (self->open_) {
    const bool go_on = co_await self->serve_one();
    if (!go_on) break;
    // A client that sends requests without a pause must not keep the thread from the others.
    if (!self->input_.view().empty()) co_await asio::post(self->socket_.get_executor(), kUse);
  }
  error_code ignored;
  self->socket_.close(ignored);
}

void Connection::check_deadline(SteadyClock::time_point now) {
  if (now < deadline_) return;
  error_code ignored;
  if (timed_out_) {  // the answer that says so got stuck as well
    stop();
    return;
  }
  timed_out_ = true;
  socket_.cancel(ignored);
}

void Connection::stop() {
  open_ = false;
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

void Connection::set_deadline(int milliseconds) {
  deadline_ = SteadyClock::now() + std::chrono::milliseconds(milliseconds);
}

// Once there is an answer: whoever does not read it holds no memory by it. The room of a large body is given
// back; a small one's is used again.
void Connection::let_body_go() {
  if (request_.body.capacity() > kSmallBody) give_memory_back(request_.body);
  held_.end();
}

void Connection::start_request() {
  request_.last_try = false;
  let_body_go();
  parser_.start(request_);
  shared_.ids.next(request_.id);
}

// One request and its answer. False when the connection is to be closed.
Task<bool> Connection::serve_one() {
  start_request();
  seat_->waits();
  const Route* route = nullptr;
  const Received received = co_await receive(route);
  clear_deadline();
  if (received == Received::over) co_return false;
  if (received == Received::request) {
    seat_->works();
    const bool go_on = co_await answer(*route);
    co_return go_on;
  }
  let_body_go();
  note(route, refusal_->status, SteadyClock::now(), true);
  // Bytes that were not read cannot be told from a next request.
  const bool keep = received == Received::refused && !parser_.has_body() && parser_.keep_alive();
  const bool sent = co_await send(std::move(*refusal_), keep);
  if (sent && !keep) co_await linger();
  co_return sent&& keep;
}

Response Connection::refusal(Errc code, const char* why, int status) const {
  Response response = shared_.refuse(request_, Error{code, why, {}});
  if (status != 0) response.status = status;
  return response;
}

// Reads the head, then decides by the route alone whether the body may come.
Task<Connection::Received> Connection::receive(const Route*& route) {
  bool begun = !input_.view().empty();
  set_deadline(begun ? shared_.options.header_timeout_ms : shared_.options.idle_timeout_ms);
  // Until its first byte a connection has no buffer.
  if (std::exchange(fresh_, false)) {
    error_code ec;
    co_await socket_.async_wait(Socket::wait_read, asio::redirect_error(kUse, ec));
    if (ec || !open_) co_return Received::over;
  }
  std::optional<LargeHeads::Place> place(std::in_place, shared_.heads);
  while (true) {
    const Told told = hear_proxy();
    if (told == Told::no_place) {
      refusal_ = refusal(Errc::unavailable, "the client's address has as many connections as it may", 503);
      co_return Received::broken;
    }
    const auto [used, step] = told == Told::whole ? parser_.feed(input_.view()) : kNothing;
    input_.consume(used);
    if (step == RequestParser::Step::header_done) break;
    if (step == RequestParser::Step::header_too_large ||
        (step == RequestParser::Step::need_more && input_.full())) {
      refusal_ = refusal(Errc::too_large, "Invalid request: the request's headers are too large", 431);
      co_return Received::broken;
    }
    if (step != RequestParser::Step::need_more || told == Told::malformed) {
      refusal_ = refusal(Errc::invalid, "Invalid request: this is not a well-formed HTTP/1.1 request", 0);
      co_return Received::broken;
    }
    const bool through_proxy = shared_.options.trusted_proxies.contain(peer_);
    if (!place->grows_to(input_.view().size(), through_proxy ? std::string_view() : peer_)) {
      refusal_ =
          refusal(Errc::unavailable, "too many requests with large headers are coming; try again", 503);
      co_return Received::broken;
    }
    error_code ec;
    const std::size_t got = co_await socket_.async_read_some(input_.room(), asio::redirect_error(kUse, ec));
    const bool more = filled(ec, got);
    if (!more && begun && timed_out_) {
      refusal_ = refusal(Errc::timeout, "Invalid request: its headers did not come in time", 408);
      co_return Received::broken;
    }
    if (!more) co_return Received::over;
    if (!begun) set_deadline(shared_.options.header_timeout_ms);
    begun = true;
  }
  place.reset();
  request_.peer = client_address(shared_.options.trusted_proxies, peer_, request_);
  if (shared_.options.trusted_proxies.contain(peer_)) {
    if (const std::string_view told = request_.header("x-request-id"); RequestIds::is_fine(told))
      request_.id = told;
  }
  refusal_ = accept_header(route);
  if (request_.caller != 0) seat_->is_known();
  if (refusal_) co_return Received::refused;
  if (!parser_.has_body()) co_return Received::request;
  const Received whole = route->body ? co_await receive_pieces(*route) : co_await receive_body();
  co_return whole;
}

Connection::Told Connection::hear_proxy() {
  if (!may_be_told_) return Told::whole;
  const ProxyHeader header = read_proxy_header(input_.view());
  if (header.state == ProxyHeader::State::need_more) return Told::need_more;
  const bool absent = header.state == ProxyHeader::State::absent;
  if (header.state == ProxyHeader::State::malformed || (must_be_told_ && absent)) return Told::malformed;
  may_be_told_ = false;
  request_.over_tls = header.over_tls;
  input_.consume(header.size);
  if (!header.client) return Told::whole;
  peer_ = *header.client;
  return seat_->belongs_to(group_of(peer_)) ? Told::whole : Told::no_place;
}

// The answer to a request that can be refused by its head alone.
std::optional<Response> Connection::accept_header(const Route*& route) {
  if (const Status parsed = parse_target(parser_.target(), request_, shared_.options.any_path); !parsed) {
    return shared_.refuse(request_, parsed.error());
  }
  const auto found = router_.match(request_);
  if (!found) {
    const bool asks_methods = request_.method == "OPTIONS" && found.error().code == Errc::wrong_method;
    if (asks_methods) return Response{204, {{"allow", found.error().field}}, {}};
    return shared_.refuse(request_, found.error());
  }
  route = *found;
  if (!parser_.limit_body(route->options.max_body)) {
    return refusal(Errc::too_large, "Invalid request body: it is larger than this operation takes", 0);
  }
  if (route->check && (parser_.has_body() || !seat_->known())) return route->check(request_);
  return std::nullopt;
}

// Takes in what a read has brought. False at the end of the stream, on an error, and when the deadline
// passed.
bool Connection::filled(error_code ec, std::size_t got) {
  if (ec || !open_) return false;
  timed_out_ = false;
  input_.commit(got);
  return true;
}

// Lets the client read our last answer: closing with bytes unread would reset the connection under it.
Task<void> Connection::linger() {
  error_code ec;
  socket_.shutdown(Socket::shutdown_send, ec);
  timed_out_ = true;  // one more deadline ends it
  set_deadline(kLingerMs);
  for (std::size_t dropped = 0; !ec && open_ && dropped < kLingerBytes;) {
    input_.consume(input_.view().size());
    const std::size_t got = co_await socket_.async_read_some(input_.room(), asio::redirect_error(kUse, ec));
    dropped += got;
    if (ec || !open_) break;
    co_await pause();
  }
}

}  // namespace kiln::http
