#include "serving/front/connection.h"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <charconv>
#include <utility>

#include "base/hash.h"
#include "http/client_address.h"
#include "http/listen.h"
#include "serving/front/own_fields.h"
#include "serving/front/pages.h"
#include "serving/front/rewrite.h"
#include "serving/front/tailed.h"
#include "serving/service_key.h"

namespace kiln::serving {
namespace {

constexpr int kMaxHops = 16;
constexpr int kMaxCalls = 512;
constexpr int kLingerMs = 2'000;
constexpr std::size_t kLingerBytes = 16U << 20U;

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" || method == "PUT" ||
         method == "DELETE";
}

}  // namespace

Connection::Connection(Core& core, Socket socket, std::unique_ptr<http::Seats::Seat> seat, From from)
    : core_(core),
      client_(std::move(socket)),
      seat_(std::move(seat)),
      internal_(from == From::worker),
      from_door_(from == From::door),
      peer_(internal_ ? "127.0.0.1" : http::peer_address(client_.native_handle())),
      may_be_told_(from_door_ || (!internal_ && core.options.trusted_proxies.contain(peer_))),
      trusted_(speaker_is_trusted()),
      pump_end_(client_.get_executor(), kNever) {
  error_code ignored;
  client_.non_blocking(true, ignored);
  seat_->on_leave([this] { stop(); });
  core_.connections.insert(this);
}

Connection::~Connection() {
  core_.connections.erase(this);
}

Task<void> Connection::live(std::shared_ptr<Connection> self) {
  while (self->open_) {
    const Outcome outcome = co_await self->serve_one(self);
    if (outcome != Outcome::keep) break;
    // A client that sends requests without a pause must not keep the thread from the others.
    if (!self->in_.empty()) co_await asio::post(self->client_.get_executor(), kUse);
  }
  error_code ignored;
  self->client_.close(ignored);
}

void Connection::sweep(SteadyClock::time_point now) {
  error_code ignored;
  if (now >= read_deadline_ || now >= write_deadline_) {
    read_deadline_ = write_deadline_ = kNever;
    client_late_ = true;
    client_.cancel(ignored);
  }
  if (now >= answer_deadline_) {
    answer_deadline_ = kNever;
    upstream_late_ = true;
    cancel_upstream();
  }
  if (watch_client_ && client_has_left()) {
    client_gone_ = true;
    cancel_upstream();
  }
}

bool Connection::client_has_left() const {
  char byte = 0;
  const ssize_t got = recv(const_cast<Socket&>(client_).native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

void Connection::stop() {
  open_ = false;
  error_code ignored;
  client_.close(ignored);
  if (upstream_) upstream_->socket.close(ignored);
  pump_end_.cancel();
}

Task<Connection::Outcome> Connection::serve_one(std::shared_ptr<Connection> self) {
  seat_->waits();
  const bool read = co_await read_head();
  if (!read) co_return Outcome::close;
  seat_->works();
  const Status admitted = admit();
  if (!admitted) {
    const Outcome refused = co_await refuse(admitted.error());
    co_return refused;
  }
  if (internal_) ++core_.calls;
  const Outcome outcome = co_await serve_admitted(std::move(self));
  if (internal_) --core_.calls;
  tell_end();
  co_return outcome;
}

Task<Connection::Outcome> Connection::serve_admitted(std::shared_ptr<Connection> self) {
  upstream_ = core_.upstreams.take_idle(version_, entrypoint_);
  while (true) {
    if (!upstream_) {
      Result<UpstreamPtr> fresh = co_await core_.upstreams.connect(version_, entrypoint_);
      if (!open_) co_return Outcome::cut;
      if (!fresh) {
        const Outcome refused = co_await refuse(fresh.error());
        co_return refused;
      }
      upstream_ = std::move(*fresh);
    }
    const Outcome outcome = co_await exchange(self);
    if (outcome != Outcome::again) co_return outcome;
    core_.upstreams.drop_idle(version_);
  }
}

bool Connection::is_secure() const {
  const std::optional<std::string_view> proto = head_.only(Name::x_forwarded_proto);
  return trusted_ && proto ? same_name(*proto, "https") : over_tls_;
}

RouteOrError Connection::route() const {
  if (!internal_) {
    RouteOrError own = core_.routes.at_host(head_.host);
    return own ? std::move(own) : core_.routes.at_url({head_.host, head_.target, is_secure()});
  }
  const std::optional<std::string_view> worker = head_.only(kServiceField);
  const std::optional<std::string_view> account = head_.only(kAccountField);
  const std::optional<std::string_view> secret = head_.only(kSecretField);
  const std::string_view entrypoint = head_.only(kEntrypointField).value_or(std::string_view());
  if (!worker || !account || !secret || core_.options.service_secret.empty() ||
      !equal_constant_time(
          *secret, service_key(core_.options.service_secret,
                               {std::string(*account), std::string(*worker), std::string(entrypoint)}))) {
    return std::make_shared<const Result<store::Route>>(fail(Errc::not_found, kForCalls));
  }
  return core_.routes.of_service(*account, *worker);
}

// Decides by the head alone where the request goes, and takes the head out of the input.
Status Connection::admit() {
  is_head_ = head_.method == "HEAD";
  visitor_ = http::client_address(core_.options.trusted_proxies, peer_, head_);
  idempotent_ = is_idempotent(head_.method);
  http_1_0_ = head_.http_1_0;
  keep_ = head_.keep_alive;
  upgrade_ = head_.upgrade;
  body_kind_ = head_.body;
  body_length_ = head_.length;
  body_ = BodyScanner(body_kind_, body_length_);
  accept_ = head_.only(Name::accept).value_or(std::string_view());
  const std::optional<std::string_view> expect = head_.only(Name::expect);
  wants_continue_ = !http_1_0_ && !body_.done() && expect && same_name(*expect, "100-continue");
  Status status;
  const RouteOrError found = head_.method == "CONNECT" ? nullptr : route();
  if (!found) {
    status = fail(Errc::invalid, "CONNECT is for proxies; this is a server.");
  } else if (!*found) {
    status = tl::unexpected<Error>(found->error());
  } else if (status = count_hops(); status) {
    const store::Route& there = **found;
    const std::optional<std::string_view> wish = head_.only(kOverridesField);
    const std::optional<Uuid> wished = wish && there.versions.size() > 1
                                           ? overridden(*wish, there.worker_name, there.versions)
                                           : std::nullopt;
    const Uuid chosen = wished ? *wished : core_.chooser.choose(there.versions);
    if (chosen != version_ || version_text_.empty()) version_text_ = chosen.str();
    version_ = chosen;
    entrypoint_ = internal_ ? head_.only(kEntrypointField).value_or(std::string_view()) : std::string_view();
    begin_tail(there);
    if (core_.options.answered) route_ = found;
    request_head_.clear();
    append_request_head(request_head_, head_,
                        {peer_, visitor_, is_secure(), internal_, hops_, core_.chooser.draw()});
  }
  in_.consume(head_bytes_);
  return status;
}

// Workers that call each other in a circle come to an end: by the count that a forwarded request carries, and
// for those that make a request of their own each time, by the number of calls that are open at once.
Status Connection::count_hops() {
  hops_ = 0;
  if (!internal_) return {};
  const std::string_view told = head_.only(kHopsField).value_or(std::string_view());
  std::from_chars(told.data(), told.data() + told.size(), hops_);
  ++hops_;
  if (hops_ <= kMaxHops && core_.calls < kMaxCalls) return {};
  return fail(
      Errc::unavailable,
      "Too many calls from Worker to Worker are open, as when Workers call each other in a circle: see "
      "their service bindings.");
}

void Connection::begin_tail(const store::Route& route) {
  tail_ = 0;
  tail_status_ = 0;
  by_worker_ = false;
  workers::Tails* const tails = core_.options.tails;
  if (tails == nullptr || !tails->any() || !tails->watched(route.worker_tag)) return;
  tail_ = tails->begin(route.worker_tag, version_, tailed_request(head_, is_secure()));
}

void Connection::tell_end() {
  if (tail_ != 0) core_.options.tails->end(tail_, tail_status_);
  tail_ = 0;
  if (route_ != nullptr && tail_status_ != 0) core_.options.answered(**route_, tail_status_, by_worker_);
  route_.reset();
}

// One of the front's own answers.
Task<Connection::Outcome> Connection::refuse(Error error) {
  answer_deadline_ = kNever;
  const bool keep = keep_ && body_.done() && !pumping_;
  const std::string text = page(error, {accept_, is_head_, !keep});
  constexpr std::size_t kStatusAt = 9;  // behind "HTTP/1.1 "
  std::from_chars(text.data() + kStatusAt, text.data() + kStatusAt + 3, tail_status_);
  const bool wrote = co_await write_to_client(text);
  if (!wrote) co_return Outcome::cut;
  if (keep) co_return Outcome::keep;
  if (!pumping_) co_await linger();
  co_return Outcome::close;
}

// Lets the client read our last answer: closing with bytes unread would reset the connection under it.
Task<void> Connection::linger() {
  error_code ec;
  client_.shutdown(Socket::shutdown_send, ec);
  const SteadyClock::time_point until = after(kLingerMs);
  for (std::size_t dropped = 0; dropped < kLingerBytes && open_;) {
    in_.consume(in_.view().size());
    read_deadline_ = until;
    const bool more = co_await fill_from_client();
    if (!more) break;
    dropped += in_.view().size();
  }
}

}  // namespace kiln::serving
