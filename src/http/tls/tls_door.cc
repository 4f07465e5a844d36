#include "http/tls/tls_door.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/ip_address.h"
#include "http/listen.h"
#include "http/tls/tls_connection.h"

namespace kiln::http {
namespace {

constexpr std::chrono::seconds kSweep{1};

}  // namespace

struct TlsDoor::Impl {
  Impl(std::shared_ptr<const Certificates> first, HandOn hand_on, const TlsOptions& options)
      : certificates(std::move(first)),
        shared{std::move(hand_on), options, {}},
        seats(options.connections),
        sweeper(io.get_executor()) {}

  void spawn(Task<void> task) { asio::co_spawn(io, std::move(task), report_end); }

  void welcome(Socket socket) {
    std::unique_ptr<Seats::Seat> seat = seats.take(group_of(peer_address(socket.native_handle())));
    if (seat == nullptr) return;
    spawn(TlsConnection::live(
        std::make_shared<TlsConnection>(shared, std::move(socket), std::move(seat), present())));
  }

  std::shared_ptr<const Certificates> present() {
    const std::lock_guard lock(mutex);
    return certificates;
  }

  // One look over all connections now and then costs less than a timer for each operation.
  Task<void> sweep() {
    while (!stopping) {
      error_code ec;
      sweeper.expires_after(kSweep);
      co_await sweeper.async_wait(asio::redirect_error(kUse, ec));
      const auto now = SteadyClock::now();
      for (TlsConnection* connection : std::vector(shared.connections.begin(), shared.connections.end()))
        connection->check_deadline(now);
    }
  }

  void stop_on_io_thread() {
    stopping = true;
    sweeper.cancel();
    acceptor.stop();
    for (TlsConnection* connection : std::vector(shared.connections.begin(), shared.connections.end()))
      connection->stop();
  }

  std::mutex mutex;  // guards the certificates and what starts and stops
  std::shared_ptr<const Certificates> certificates;
  TlsShared shared;
  Seats seats;
  bool stopping = false;  // I/O thread only
  asio::io_context io{1};
  Acceptor acceptor{io};
  Timer sweeper;
  std::optional<asio::executor_work_guard<Executor>> work;
  std::thread thread;
};

TlsDoor::TlsDoor(std::shared_ptr<const Certificates> certificates, HandOn hand_on, const TlsOptions& options)
    : impl_(std::make_unique<Impl>(std::move(certificates), std::move(hand_on), options)) {}

TlsDoor::~TlsDoor() {
  stop();
}

Result<std::uint16_t> TlsDoor::listen_tcp(const std::string& host, std::uint16_t port) {
  auto opened = open_tcp(host, port);
  if (!opened) return tl::unexpected(opened.error());
  impl_->acceptor.add(std::move(opened->socket), "a connection over TLS",
                      [impl = impl_.get()](Socket socket) { impl->welcome(std::move(socket)); });
  return opened->port;
}

TimeMs TlsDoor::expires_on() const {
  return impl_->present()->expires_on();
}

void TlsDoor::replace(std::shared_ptr<const Certificates> certificates) {
  const std::lock_guard lock(impl_->mutex);
  impl_->certificates = std::move(certificates);
}

void TlsDoor::start() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->thread.joinable()) return;
  impl_->work.emplace(impl_->io.get_executor());
  impl_->spawn(impl_->sweep());
  impl_->thread = std::thread([impl = impl_.get()] { impl->io.run(); });
}

void TlsDoor::stop() {
  std::thread ended;
  {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->thread.joinable()) return;
    asio::post(impl_->io, [impl = impl_.get()] { impl->stop_on_io_thread(); });
    impl_->work.reset();
    ended = std::move(impl_->thread);
  }
  ended.join();
}

}  // namespace kiln::http
