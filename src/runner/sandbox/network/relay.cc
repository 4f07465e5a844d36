#include "runner/sandbox/network/relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include "runner/sandbox/network/socket_address.h"

namespace kiln::runner {
namespace {

constexpr int kPauseMs = 100;  // when the process has no descriptor left

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

// Bytes on their way in one direction.
class Flow {
 public:
  [[nodiscard]] bool wants_to_read() const { return !ended_ && held_.empty(); }
  [[nodiscard]] bool wants_to_write() const { return !held_.empty(); }
  // Its source has ended and all it said has been passed on.
  [[nodiscard]] bool is_done() const { return told_; }

  // False: the connection is broken.
  bool read_from(int source) {
    held_.resize(Relay::kBuffer);
    const ssize_t got = recv(source, held_.data(), held_.size(), 0);
    if (got < 0 && would_block()) {
      held_.clear();
      return true;
    }
    if (got < 0) return false;
    held_.resize(static_cast<std::size_t>(got));
    sent_ = 0;
    ended_ = got == 0;
    return true;
  }

  bool write_to(int target) {
    if (!held_.empty()) {
      const ssize_t put = send(target, held_.data() + sent_, held_.size() - sent_, MSG_NOSIGNAL);
      if (put < 0) return would_block();
      sent_ += static_cast<std::size_t>(put);
      if (sent_ == held_.size()) held_.clear();
    }
    if (ended_ && held_.empty() && !told_) {
      told_ = true;
      return shutdown(target, SHUT_WR) == 0 || errno == ENOTCONN;
    }
    return true;
  }

 private:
  std::string held_;
  std::size_t sent_ = 0;
  bool ended_ = false;
  bool told_ = false;
};

}  // namespace

struct Relay::Listener {
  Fd fd;
  SocketAddress target;
};

struct Relay::Connection {
  Fd inside;
  Fd outside;
  bool connected = false;  // `outside` is
  Flow out;
  Flow in;

  [[nodiscard]] bool is_done() const { return out.is_done() && in.is_done(); }

  // What to wait for. Of a side that waits for nothing no event is asked, but the kernel tells errors.
  void want(pollfd& inner, pollfd& outer) const {
    inner = {inside.get(), 0, 0};
    outer = {outside.get(), 0, 0};
    if (!connected) {
      outer.events = POLLOUT;
      inner.fd = -1;
      return;
    }
    if (out.wants_to_read()) inner.events |= POLLIN;
    if (in.wants_to_write()) inner.events |= POLLOUT;
    if (in.wants_to_read()) outer.events |= POLLIN;
    if (out.wants_to_write()) outer.events |= POLLOUT;
    // A side that said its last word and waits for nothing would report its hang-up for ever.
    if (inner.events == 0) inner.fd = -1;
    if (outer.events == 0) outer.fd = -1;
  }

  // False: over, by error.
  bool finish_connecting() {
    int error = 0;
    socklen_t size = sizeof error;
    connected = getsockopt(outside.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    return connected;
  }

  bool move(const pollfd& inner, const pollfd& outer) {
    constexpr short readable = POLLIN | POLLHUP | POLLERR;
    if (!connected) return outer.revents == 0 || finish_connecting();
    if ((inner.revents & readable) != 0 && out.wants_to_read() && !out.read_from(inside.get())) return false;
    if ((outer.revents & readable) != 0 && in.wants_to_read() && !in.read_from(outside.get())) return false;
    return out.write_to(outside.get()) && in.write_to(inside.get());
  }

  // The peer sees a reset, as it would of a server that is not there.
  void break_off() const {
    const linger at_once{1, 0};
    setsockopt(inside.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
};

Relay::Relay(std::vector<Fd> listeners, const std::vector<Door>& doors) {
  for (std::size_t i = 0; i < listeners.size(); ++i)
    listeners_.push_back({std::move(listeners[i]), socket_address(doors[i])});
}

Relay::~Relay() = default;

void Relay::accept_from(const Listener& listener) {
  Fd inside(accept4(listener.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!inside) {
    if (errno == EMFILE || errno == ENFILE) poll(nullptr, 0, kPauseMs);
    return;
  }
  Fd outside(socket(listener.target.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  Connection connection{std::move(inside), std::move(outside), false, {}, {}};
  if (!connection.outside ||
      (connect(connection.outside.get(), listener.target.get(), listener.target.size) != 0 &&
       errno != EINPROGRESS)) {
    connection.break_off();
    return;
  }
  connections_.push_back(std::move(connection));
}

void Relay::run(int stop) {
  std::vector<pollfd> wanted;
  while (true) {
    const bool room = connections_.size() < kMaxConnections;
    wanted.assign(1 + listeners_.size() + 2 * connections_.size(), pollfd{-1, 0, 0});
    wanted[0] = {stop, POLLIN, 0};
    std::size_t next = 1;
    for (const Listener& listener : listeners_) wanted[next++] = {room ? listener.fd.get() : -1, POLLIN, 0};
    for (const Connection& connection : connections_) {
      connection.want(wanted[next], wanted[next + 1]);
      next += 2;
    }
    if (poll(wanted.data(), wanted.size(), -1) < 0) continue;
    if (wanted[0].revents != 0) return;
    next = 1 + listeners_.size();
    for (auto connection = connections_.begin(); connection != connections_.end(); next += 2) {
      const bool alive = connection->move(wanted[next], wanted[next + 1]);
      if (!alive) connection->break_off();
      connection = alive && !connection->is_done() ? std::next(connection) : connections_.erase(connection);
    }
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
      if (wanted[1 + i].revents != 0) accept_from(listeners_[i]);
    }
  }
}

}  // namespace kiln::runner
