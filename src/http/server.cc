#include "http/server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "http/connection.h"
#include "http/listen.h"

namespace kiln::http {
namespace {

// The file of a unix socket, as it was when we bound it.
struct BoundFile {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;

  void remove_if_ours() const {
    struct stat now {};
    if (lstat(path.c_str(), &now) == 0 && now.st_dev == device && now.st_ino == inode) unlink(path.c_str());
  }
};

}  // namespace

struct Server::Impl {
  Impl(const Router& tcp_router, WakeSource& wakes,
       std::function<Response(const Request&, const Error&)> refuse, const ServerOptions& options)
      : router(tcp_router),
        shared{wakes, std::move(refuse), options, BodyBudget(options.bodies), nullptr, {}, {}},
        sweeper(io.get_executor()) {}

  void spawn(Task<void> task) { asio::co_spawn(io, std::move(task), report_end); }

  void add(Fd fd, const Router& served, Seats& places) {
    acceptor.add(std::move(fd), "a connection", [this, &served, &places](Socket socket) {
      welcome(std::move(socket), served, places, false);
    });
  }

  void welcome(Socket socket, const Router& served, Seats& places, bool from_door) {
    const std::string peer = peer_address(socket.native_handle());
    const bool counted = !from_door && !shared.options.trusted_proxies.contain(peer);
    std::unique_ptr<Seats::Seat> seat = places.take(counted ? group_of(peer) : std::string());
    if (seat == nullptr) {
      refuse(socket.native_handle());
      return;
    }
    spawn(Connection::live(
        std::make_shared<Connection>(shared, std::move(socket), std::move(seat), served, from_door)));
  }

  void refuse(int connection) {
    const Response response = shared.refuse(
        Request{}, Error{Errc::unavailable, "the server has as many connections as it takes", {}});
    std::string bytes;
    Framing framing;
    framing.length = response.body.size();
    framing.connection = "close";
    Headers headers = response.headers;
    headers.emplace_back("retry-after", "1");
    append_head(bytes, 503, headers, framing, shared.date.now());
    bytes += response.body;
    turn_away(connection, bytes);
  }

  // One look over all connections now and then costs less than a timer for each operation.
  Task<void> sweep() {
    const ServerOptions& options = shared.options;
    const int least = std::min({options.header_timeout_ms, options.body_timeout_ms, options.idle_timeout_ms});
    const std::chrono::milliseconds pause(std::clamp(least / 8, 5, 1'000));
    while (!stopping) {
      error_code ec;
      sweeper.expires_after(pause);
      co_await sweeper.async_wait(asio::redirect_error(kUse, ec));
      const auto now = SteadyClock::now();
      for (Connection* connection : shared.connections) connection->check_deadline(now);
    }
  }

  void stop_on_io_thread() {
    stopping = true;
    sweeper.cancel();
    acceptor.stop();
    for (Connection* connection : shared.connections) connection->stop();
  }

  const Router& router;
  Shared shared;
  Seats tcp_seats{shared.options.connections};
  bool stopping = false;  // I/O thread only
  std::mutex mutex;       // guards what follows up to `io`
  std::vector<BoundFile> files;
  std::list<Seats> own_seats;  // of one listening socket each, which stay where they are
  bool started = false;
  asio::io_context io{1};
  Acceptor acceptor{io};
  Timer sweeper;
  std::optional<WorkPools> pools;
  std::optional<asio::executor_work_guard<Executor>> work;
  std::thread thread;
};

Server::Server(const Router& router, WakeSource& wakes,
               std::function<Response(const Request&, const Error&)> refuse, const ServerOptions& options)
    : impl_(std::make_unique<Impl>(router, wakes, std::move(refuse), options)) {}

Server::~Server() {
  stop();
}

Result<std::uint16_t> Server::listen_tcp(const std::string& host, std::uint16_t port) {
  auto opened = open_tcp(host, port);
  if (!opened) return tl::unexpected(opened.error());
  impl_->add(std::move(opened->socket), impl_->router, impl_->tcp_seats);
  return opened->port;
}

Result<std::uint16_t> Server::listen_tcp(const std::string& host, std::uint16_t port, const Router& router,
                                         std::size_t connections) {
  auto opened = open_tcp(host, port);
  if (!opened) return tl::unexpected(opened.error());
  const std::lock_guard lock(impl_->mutex);
  impl_->add(std::move(opened->socket), router, impl_->own_seats.emplace_back(SeatLimits{connections, 0}));
  return opened->port;
}

Status Server::listen_unix(const std::string& path, const Router& router) {
  auto opened = open_unix(path);
  if (!opened) return tl::unexpected(opened.error());
  const std::lock_guard lock(impl_->mutex);
  struct stat info {};
  if (lstat(path.c_str(), &info) == 0) impl_->files.push_back({path, info.st_dev, info.st_ino});
  const SeatLimits own{impl_->shared.options.unix_connections, 0};
  impl_->add(std::move(opened->socket), router, impl_->own_seats.emplace_back(own));
  return {};
}

void Server::take(Fd connection) {
  impl_->acceptor.take(std::move(connection), [impl = impl_.get()](Socket socket) {
    impl->welcome(std::move(socket), impl->router, impl->tcp_seats, true);
  });
}

void Server::start() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->started) return;
  impl_->started = true;
  impl_->shared.pools = &impl_->pools.emplace(impl_->shared.options.work);
  impl_->work.emplace(impl_->io.get_executor());
  impl_->spawn(impl_->sweep());
  impl_->thread = std::thread([impl = impl_.get()] { impl->io.run(); });
}

void Server::stop() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->thread.joinable()) {
    asio::post(impl_->io, [impl = impl_.get()] { impl->stop_on_io_thread(); });
    impl_->work.reset();
    impl_->thread.join();
    impl_->pools.reset();
  }
  for (const BoundFile& file : impl_->files) file.remove_if_ours();
  impl_->files.clear();
}

}  // namespace kiln::http
