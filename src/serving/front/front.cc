#include "serving/front/front.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "api/http/listen.h"
#include "base/log.h"
#include "serving/front/connection.h"
#include "serving/front/pages.h"

namespace kiln::serving {
namespace {

using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

constexpr int kAcceptsInARow = 64;
constexpr std::chrono::milliseconds kOutOfDescriptors{100};
constexpr std::chrono::milliseconds kSweep{250};

struct Listener {
  Listener(const Executor& executor, int fd, bool of_services)
      : socket(executor, fd), pause(executor), internal(of_services) {}

  Descriptor socket;
  Timer pause;
  bool internal;
};

// Best effort: one write that never waits.
void turn_away(int fd) {
  const std::string bytes =
      page({Errc::unavailable, "Kiln has as many connections as it takes. Try again in a moment.", {}}, {});
  ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown(fd, SHUT_WR);
}

}  // namespace

struct Front::Impl {
  Impl(store::RouteStore& store, const store::Changes& changes, Runtimes& runtimes,
       const FrontOptions& options)
      : core{io,
             options,
             RouteCache(store, changes, options.domain),
             Upstreams(io, runtimes, std::chrono::milliseconds(options.connect_timeout_ms)),
             Chooser(options.seed),
             {}},
        sweeper(io.get_executor()) {}

  void spawn(Task<void> task) { asio::co_spawn(io, std::move(task), report_end); }

  void add(Fd fd, bool internal) {
    auto listener = std::make_shared<Listener>(io.get_executor(), fd.release(), internal);
    asio::post(io, [this, listener] {
      if (stopping) return;
      listeners.push_back(listener);
      spawn(accept_all(listener));
    });
  }

  Task<void> accept_all(std::shared_ptr<Listener> listener) {
    while (!stopping) {
      error_code ec;
      co_await listener->socket.async_wait(Descriptor::wait_read, asio::redirect_error(kUse, ec));
      if (ec || stopping) break;
      if (accept_some(*listener)) continue;
      log::error("accepting a connection to a Worker: {}; waiting a little", std::strerror(errno));
      listener->pause.expires_after(kOutOfDescriptors);
      co_await listener->pause.async_wait(asio::redirect_error(kUse, ec));
    }
  }

  // False, with errno, when the system can open no more connections now.
  bool accept_some(Listener& listener) {
    for (int i = 0; i < kAcceptsInARow; ++i) {
      Fd fd(accept4(listener.socket.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (fd) {
        welcome(std::move(fd), listener.internal);
        continue;
      }
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return false;
      if (errno == EAGAIN) return true;
    }
    return true;
  }

  void welcome(Fd fd, bool internal) {
    if (core.connections.size() >= core.options.max_connections) {
      turn_away(fd.get());
      return;
    }
    int domain = 0;
    socklen_t size = sizeof domain;
    getsockopt(fd.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size);
    const int on = 1;
    if (domain != AF_UNIX) {
      setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    }
    Socket socket(io.get_executor());
    error_code ec;
    socket.assign(asio::generic::stream_protocol(domain, 0), fd.get(), ec);
    if (ec) return;
    fd.release();
    spawn(Connection::live(std::make_shared<Connection>(core, std::move(socket), internal)));
    if (sleeping) sweeper.cancel();
  }

  // One look over everything now and then costs less than a timer for each operation. Without connections
  // there is nothing to look at.
  Task<void> sweep() {
    while (!stopping) {
      sleeping = core.connections.empty() && core.upstreams.empty();
      if (sleeping)
        sweeper.expires_at(kNever);
      else
        sweeper.expires_after(kSweep);
      error_code ec;
      co_await sweeper.async_wait(asio::redirect_error(kUse, ec));
      const SteadyClock::time_point now = SteadyClock::now();
      for (Connection* connection : core.connections) connection->sweep(now);
      core.upstreams.sweep(now);
    }
  }

  void stop_on_io_thread() {
    stopping = true;
    sweeper.cancel();
    for (const auto& listener : listeners) {
      error_code ignored;
      listener->socket.close(ignored);
      listener->pause.cancel();
    }
    listeners.clear();
    core.upstreams.stop();
    for (Connection* connection : core.connections) connection->stop();
  }

  asio::io_context io{1};
  Core core;
  Timer sweeper;
  bool stopping = false;  // I/O thread only, like the next two
  bool sleeping = false;
  std::list<std::shared_ptr<Listener>> listeners;
  std::mutex mutex;  // guards what follows
  std::string service_path;
  std::optional<asio::executor_work_guard<Executor>> work;
  std::thread thread;
};

Front::Front(store::RouteStore& store, const store::Changes& changes, Runtimes& runtimes,
             const FrontOptions& options)
    : impl_(std::make_unique<Impl>(store, changes, runtimes, options)) {}

Front::~Front() {
  stop();
}

Result<std::uint16_t> Front::listen_tcp(const std::string& host, std::uint16_t port) {
  auto opened = http::open_tcp(host, port);
  if (!opened) return tl::unexpected(opened.error());
  impl_->add(std::move(opened->socket), false);
  return opened->port;
}

Status Front::listen_services(const std::string& path) {
  auto opened = http::open_unix(path);
  if (!opened) return tl::unexpected(opened.error());
  impl_->add(std::move(opened->socket), true);
  const std::lock_guard lock(impl_->mutex);
  impl_->service_path = path;
  return {};
}

void Front::start() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->thread.joinable() || impl_->stopping) return;
  impl_->work.emplace(impl_->io.get_executor());
  impl_->spawn(impl_->sweep());
  impl_->thread = std::thread([impl = impl_.get()] { impl->io.run(); });
}

void Front::stop() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->thread.joinable()) {
    asio::post(impl_->io, [impl = impl_.get()] { impl->stop_on_io_thread(); });
    impl_->work.reset();
    impl_->thread.join();
  }
  if (!impl_->service_path.empty()) unlink(impl_->service_path.c_str());
  impl_->service_path.clear();
}

}  // namespace kiln::serving
