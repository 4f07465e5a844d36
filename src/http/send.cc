// A connection's answers on their way out: what the socket takes at once, and what is left of it.
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <climits>

#include "http/connection.h"

namespace kiln::http {

std::size_t Connection::size_of_parts() const {
  std::size_t size = 0;
  for (const iovec& part : parts_) size += part.iov_len;
  return size;
}

bool Connection::write_now(std::size_t total) {
  std::size_t done = 0;  // parts
  while (done < parts_.size()) {
    msghdr message{};
    message.msg_iov = parts_.data() + done;
    message.msg_iovlen = std::min<std::size_t>(parts_.size() - done, IOV_MAX);
    const ssize_t sent = sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
      break;
    }
    auto left = static_cast<std::size_t>(sent);
    total -= left;
    if (total == 0) {
      parts_.clear();
      return true;
    }
    while (done < parts_.size() && left >= parts_[done].iov_len) left -= parts_[done++].iov_len;
    if (left > 0) {
      parts_[done].iov_base = static_cast<char*>(parts_[done].iov_base) + left;
      parts_[done].iov_len -= left;
    }
  }
  parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(done));
  return true;
}

Task<bool> Connection::write(std::string_view bytes) {
  parts_.assign(1, part_of(bytes));
  const bool sent = co_await write_parts();
  co_return sent;
}

Task<bool> Connection::write_parts() {
  timed_out_ = false;
  while (true) {
    if (!open_ || !write_now(size_of_parts())) co_return false;
    if (parts_.empty()) break;
    if (!seat_->known()) seat_->may_leave();
    set_deadline(
        shared_.options.body_timeout_ms);  // of each bit of progress: a slow reader is not a dead one
    error_code ec;
    co_await socket_.async_wait(Socket::wait_write, asio::redirect_error(kUse, ec));
    if (ec) co_return false;
  }
  clear_deadline();
  co_return true;
}

Connection::Sent Connection::send_now(const Response& response, bool keep) {
  const std::size_t size = response.size();
  Framing framing;
  if (!is_bodiless(response.status)) framing.length = size;
  framing.connection = keep ? "" : "close";
  framing.reason = response.reason;
  head_.clear();
  append_head(head_, response.status, response.headers, framing, shared_.date.now());
  const bool silent = request_.method == "HEAD" || is_bodiless(response.status);
  parts_.clear();
  parts_.push_back(part_of(head_));
  if (!silent) {
    const std::vector<std::string_view>& shared = response.shared.parts;
    parts_.resize(3 + shared.size());
    parts_[1] = part_of(response.body);
    std::transform(shared.begin(), shared.end(), parts_.begin() + 2, part_of);
    parts_.back() = part_of(response.tail);
  }
  timed_out_ = false;
  if (!open_ || !write_now(head_.size() + (silent ? 0 : size))) return Sent::nothing;
  return parts_.empty() ? Sent::whole : Sent::a_part;
}

Task<bool> Connection::send_rest(Response& response) {
  // Shared bytes stand among others in memory that is given back as a whole: a slow reader gets its own.
  std::string rest;
  if (!response.shared.owners.empty()) {
    for (const iovec& part : parts_) rest.append(static_cast<const char*>(part.iov_base), part.iov_len);
    parts_.assign(1, part_of(rest));
    response.shared.clear();
  }
  const bool sent = co_await write_parts();
  co_return sent;
}

Task<bool> Connection::send(Response response, bool keep) {
  const Sent sent = send_now(response, keep);
  if (sent != Sent::a_part) co_return sent == Sent::whole;
  const bool rest = co_await send_rest(response);
  co_return rest;
}

}  // namespace kiln::http
