#include "http/net.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/log.h"

namespace kiln::http {
namespace {

using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

constexpr int kAcceptsInARow = 64;
constexpr std::chrono::milliseconds kOutOfDescriptors{100};

std::optional<Socket> as_socket(asio::io_context& io, Fd fd) {
  int domain = 0;
  socklen_t size = sizeof domain;
  getsockopt(fd.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size);
  if (domain != AF_UNIX) {
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  }
  Socket socket(io.get_executor());
  error_code ec;
  socket.assign(asio::generic::stream_protocol(domain, 0), fd.get(), ec);
  if (ec) return std::nullopt;
  fd.release();
  return socket;
}

}  // namespace

struct Acceptor::Listener {
  Listener(const Executor& executor, int fd, std::string of_what, std::function<void(Socket)> to_whom)
      : socket(executor, fd), pause(executor), what(std::move(of_what)), welcome(std::move(to_whom)) {}

  Descriptor socket;
  Timer pause;
  std::string what;
  std::function<void(Socket)> welcome;
};

void report_end(const std::exception_ptr& thrown) {
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    log::error("a connection ended by an exception: {}", error.what());
  }
}

void Acceptor::add(Fd listening, std::string what, std::function<void(Socket)> welcome) {
  auto listener = std::make_shared<Listener>(io_.get_executor(), listening.release(), std::move(what),
                                             std::move(welcome));
  asio::post(io_, [this, listener] {
    if (stopping_) return;
    listeners_.push_back(listener);
    asio::co_spawn(io_, accept_all(listener), report_end);
  });
}

void Acceptor::take(Fd connection, std::function<void(Socket)> welcome) {
  const auto handed =
      std::make_shared<Fd>(std::move(connection));  // a task can be copied, a descriptor cannot
  asio::post(io_, [this, handed, welcome = std::move(welcome)] {
    if (stopping_) return;
    if (std::optional<Socket> socket = as_socket(io_, std::move(*handed))) welcome(std::move(*socket));
  });
}

void Acceptor::stop() {
  stopping_ = true;
  for (const auto& listener : listeners_) {
    error_code ignored;
    listener->socket.close(ignored);
    listener->pause.cancel();
  }
  listeners_.clear();
}

Task<void> Acceptor::accept_all(std::shared_ptr<Listener> listener) {
  while (!stopping_) {
    error_code ec;
    co_await listener->socket.async_wait(Descriptor::wait_read, asio::redirect_error(kUse, ec));
    if (ec || stopping_) break;
    if (accept_some(*listener)) continue;
    log::error("accepting {}: {}; waiting a little", listener->what, std::strerror(errno));
    listener->pause.expires_after(kOutOfDescriptors);
    co_await listener->pause.async_wait(asio::redirect_error(kUse, ec));
  }
}

// False, with errno, when the system can open no more connections now.
bool Acceptor::accept_some(Listener& listener) {
  for (int i = 0; i < kAcceptsInARow; ++i) {
    Fd fd(accept4(listener.socket.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      if (std::optional<Socket> socket = as_socket(io_, std::move(fd))) listener.welcome(std::move(*socket));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return false;
    if (errno == EAGAIN) return true;
  }
  return true;
}

}  // namespace kiln::http
