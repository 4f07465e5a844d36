// What comes before a request is one: the PROXY header of a proxy in front, the head, and calls that are no
// HTTP.
#include <boost/asio/post.hpp>
#include <utility>

#include "http/proxy_header.h"
#include "serving/front/connection.h"
#include "serving/front/own_fields.h"
#include "serving/service_key.h"

namespace kiln::serving {
namespace {

constexpr std::string_view kConnect = "CONNECT ";

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

}  // namespace

// Whether what the fields say for whom it speaks is more than a visitor's word: it comes from this machine,
// by no door of ours, or from a trusted proxy.
bool Connection::speaker_is_trusted() const {
  return internal_ || core_.options.trusted_proxies.contain(peer_) || (!from_door_ && is_loopback(peer_));
}

// A whole head into `head_`. False when there is none to come, or after saying what is wrong with it.
Task<bool> Connection::read_head() {
  std::size_t scanned = 0;
  bool begun = !in_.empty();
  SteadyClock::time_point until =
      after(begun ? core_.options.header_timeout_ms : core_.options.idle_timeout_ms);
  std::optional<Error> wrong;
  http::LargeHeads::Place place(core_.heads);
  is_head_ = keep_ = client_late_ = false;
  accept_.clear();
  while (!wrong) {
    bool told = true;
    wrong = hear_proxy(told);
    if (wrong) break;
    if (scanned == 0 && told) in_.consume(http::blank_size(in_.view()));
    const std::optional<std::size_t> size =
        !told || in_.view() == "\r" ? 0 : http::head_size(in_.view(), scanned);
    if (!size || *size > 0) {
      head_bytes_ = size.value_or(0);
      if (internal_ && in_.view().starts_with(kConnect)) {
        wrong = hand_over_call();
        if (!wrong) co_return false;
        break;
      }
      if (size && http::parse_request(in_.view().substr(0, head_bytes_), head_)) co_return true;
      wrong = Error{Errc::invalid, "This is not a well-formed HTTP/1.1 request.", {}};
      break;
    }
    if (in_.full()) {
      wrong = Error{Errc::too_large, "The request's headers are larger than 64 KiB.", {}};
      break;
    }
    const bool through_proxy = core_.options.trusted_proxies.contain(peer_);
    if (!place.grows_to(in_.view().size(), through_proxy ? std::string_view() : peer_)) {
      wrong = Error{
          Errc::unavailable, "Too many requests with large headers are coming. Try again in a moment.", {}};
      break;
    }
    read_deadline_ = until;
    const bool more = co_await fill_from_client();
    if (!more && begun && client_late_) {
      wrong = Error{Errc::timeout, "The request's headers did not come in time.", "request"};
      break;
    }
    if (!more) co_return false;
    if (!begun) until = after(core_.options.header_timeout_ms);
    begun = true;
  }
  place.give_back();
  body_ = BodyScanner(Body::until_end, 0);  // where the next request would begin is unknown
  (void)co_await refuse(std::move(*wrong));
  co_return false;
}

// Takes off the input what a trusted proxy says of the connection in front of its first request; `whole` is
// false as long as it is not there.
std::optional<Error> Connection::hear_proxy(bool& whole) {
  if (!may_be_told_) return std::nullopt;
  const http::ProxyHeader header = http::read_proxy_header(in_.view());
  whole = header.state != http::ProxyHeader::State::need_more;
  if (!whole) return std::nullopt;
  const bool absent = header.state == http::ProxyHeader::State::absent;
  if (header.state == http::ProxyHeader::State::malformed || (from_door_ && absent))
    return Error{Errc::invalid, "This is not a well-formed PROXY header of version 2.", {}};
  may_be_told_ = false;
  over_tls_ = header.over_tls;
  in_.consume(header.size);
  if (!header.client) return std::nullopt;
  peer_ = *header.client;
  trusted_ = speaker_is_trusted();
  if (seat_->belongs_to(group_of(peer_))) return std::nullopt;
  return Error{
      Errc::unavailable, "Your address has as many connections as it may. Try again in a moment.", {}};
}

// A call that is no HTTP goes to whoever speaks its protocol, with the connection; nothing is left here then.
// A caller that sends more than its CONNECT before it is answered is none of ours.
std::optional<Error> Connection::hand_over_call() {
  const std::string_view head = in_.view().substr(0, head_bytes_);
  const std::string_view line = head.substr(0, head.find("\r\n"));
  constexpr std::string_view kEnd = " HTTP/1.1";
  Callee callee;
  if (core_.options.rpc == nullptr || !line.ends_with(kEnd) || in_.view().size() != head_bytes_ ||
      !read_connect_host(line.substr(kConnect.size(), line.size() - kEnd.size() - kConnect.size()),
                         core_.options.service_secret, callee)) {
    return Error{Errc::not_found, kForCalls, {}};
  }
  error_code ec;
  const int fd = client_.release(ec);
  if (ec) return Error{Errc::unavailable, "The connection cannot be passed on. Try again.", {}};
  open_ = false;
  seat_->on_leave([] {});
  seat_->works();
  // Seats belong to this thread, so it comes back here to be given up.
  std::shared_ptr<http::Seats::Seat> seat(seat_.release(), [&io = core_.io](http::Seats::Seat* kept) {
    asio::post(io, [kept] { delete kept; });
  });
  core_.options.rpc->enter(Fd(fd), std::move(callee), std::move(seat));
  return std::nullopt;
}

}  // namespace kiln::serving
