#include "serving/front/front.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <mutex>
#include <thread>
#include <utility>

#include "http/listen.h"
#include "serving/front/connection.h"
#include "serving/front/pages.h"

namespace kiln::serving {
namespace {

constexpr std::chrono::milliseconds kSweep{250};

}  // namespace

struct Front::Impl {
  Impl(store::RouteResolver& store, const store::Changes& changes, Runtimes& runtimes,
       const FrontOptions& options)
      : core{io,
             options,
             RouteCache(store, changes, options.places),
             Upstreams(io, runtimes, std::chrono::milliseconds(options.connect_timeout_ms)),
             Chooser(options.seed),
             {}},
        visitors(options.connections),
        workers({options.calls, 0}),
        sweeper(io.get_executor()) {}

  void spawn(Task<void> task) { asio::co_spawn(io, std::move(task), report_end); }

  using From = Connection::From;

  void add(Fd fd, From from) {
    acceptor.add(std::move(fd), "a connection to a Worker",
                 [this, from](Socket socket) { welcome(std::move(socket), from); });
  }

  void welcome(Socket socket, From from) {
    const std::string peer =
        from == From::outside ? counted(http::peer_address(socket.native_handle())) : std::string();
    std::unique_ptr<http::Seats::Seat> seat = (from == From::worker ? workers : visitors).take(peer);
    if (seat == nullptr) {
      http::turn_away(
          socket.native_handle(),
          page({Errc::unavailable, "Kiln has as many connections as it takes. Try again in a moment.", {}},
               {}));
      return;
    }
    spawn(Connection::live(std::make_shared<Connection>(core, std::move(socket), std::move(seat), from)));
    if (sleeping) sweeper.cancel();
  }

  // The peer to whom a connection counts; a trusted proxy's is told, or counts to nobody.
  [[nodiscard]] std::string counted(const std::string& peer) const {
    return core.options.trusted_proxies.contain(peer) ? std::string() : group_of(peer);
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
    acceptor.stop();
    core.upstreams.stop();
    for (Connection* connection : core.connections) connection->stop();
  }

  asio::io_context io{1};
  http::Acceptor acceptor{io};
  Core core;
  http::Seats visitors;
  http::Seats workers;
  Timer sweeper;
  bool stopping = false;  // I/O thread only, like the next
  bool sleeping = false;
  std::mutex mutex;  // guards what follows
  std::string service_path;
  std::optional<asio::executor_work_guard<Executor>> work;
  std::thread thread;
};

Front::Front(store::RouteResolver& store, const store::Changes& changes, Runtimes& runtimes,
             const FrontOptions& options)
    : impl_(std::make_unique<Impl>(store, changes, runtimes, options)) {}

Front::~Front() {
  stop();
}

Result<std::uint16_t> Front::listen_tcp(const std::string& host, std::uint16_t port) {
  auto opened = http::open_tcp(host, port);
  if (!opened) return tl::unexpected(opened.error());
  impl_->add(std::move(opened->socket), Connection::From::outside);
  return opened->port;
}

Status Front::listen_services(const std::string& path) {
  auto opened = http::open_unix(path);
  if (!opened) return tl::unexpected(opened.error());
  impl_->add(std::move(opened->socket), Connection::From::worker);
  const std::lock_guard lock(impl_->mutex);
  impl_->service_path = path;
  return {};
}

void Front::take(Fd connection) {
  impl_->acceptor.take(std::move(connection), [impl = impl_.get()](Socket socket) {
    impl->welcome(std::move(socket), Connection::From::door);
  });
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
