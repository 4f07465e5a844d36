#include "serving/rpc/relay.h"

#include <kj/async-io.h>

#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "serving/rpc/sessions.h"

namespace kiln::serving {
namespace {

struct Arrival {
  Fd connection;
  Callee callee;
  std::shared_ptr<void> seat;
};

}  // namespace

struct Relay::Impl final : private kj::TaskSet::ErrorHandler {
  Impl(store::RouteResolver& given_store, const store::Changes& given_changes, Runtimes& given_runtimes,
       const RelayOptions& given)
      : store(given_store), changes(given_changes), runtimes(given_runtimes), options(given) {}

  // The relay's thread: waits for arrivals until it is told to stop.
  void run() {
    kj::AsyncIoContext io = kj::setupAsyncIo();
    Exchange exchange{io, options, RouteCache(store, changes, {}), runtimes, Chooser(options.seed)};
    auto callers = kj::heap<kj::TaskSet>(static_cast<kj::TaskSet::ErrorHandler&>(*this));
    while (true) {
      std::vector<Arrival> batch;
      auto pair = kj::newPromiseAndCrossThreadFulfiller<void>();
      {
        const std::lock_guard lock(mutex);
        if (stopping) break;
        batch.swap(arrivals);
        if (batch.empty()) wake = kj::mv(pair.fulfiller);
      }
      for (Arrival& arrival : batch) {
        auto stream = io.lowLevelProvider->wrapSocketFd(
            arrival.connection.release(),
            kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP | kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
        callers->add(
            serve_caller(exchange, kj::mv(stream), std::move(arrival.callee), std::move(arrival.seat)));
      }
      if (batch.empty()) pair.promise.wait(io.waitScope);
    }
    // Calls that were under way end with their callers, in turns of the loop: they hold sessions, which must
    // go while what they rest on is there.
    callers = nullptr;
    io.waitScope.poll();
  }

  void taskFailed(kj::Exception&& exception) override {
    if (exception.getType() != kj::Exception::Type::DISCONNECTED)
      log::warn("a connection between Workers ended: {}", exception.getDescription().cStr());
  }

  // With the mutex held.
  void wake_up() {
    KJ_IF_MAYBE (fulfiller, wake) {
      (*fulfiller)->fulfill();
      wake = nullptr;
    }
  }

  store::RouteResolver& store;
  const store::Changes& changes;
  Runtimes& runtimes;
  RelayOptions options;
  std::mutex mutex;  // guards what follows but for the thread
  std::vector<Arrival> arrivals;
  kj::Maybe<kj::Own<kj::CrossThreadPromiseFulfiller<void>>> wake;
  bool stopping = false;
  std::thread thread;
};

Relay::Relay(store::RouteResolver& store, const store::Changes& changes, Runtimes& runtimes,
             const RelayOptions& options)
    : impl_(std::make_unique<Impl>(store, changes, runtimes, options)) {}

Relay::~Relay() {
  stop();
}

void Relay::start() {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

void Relay::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->wake_up();
  }
  if (impl_->thread.joinable()) impl_->thread.join();
  const std::lock_guard lock(impl_->mutex);
  impl_->arrivals.clear();
}

void Relay::enter(Fd connection, Callee callee, std::shared_ptr<void> seat) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->stopping) return;
  impl_->arrivals.push_back({std::move(connection), std::move(callee), std::move(seat)});
  impl_->wake_up();
}

}  // namespace kiln::serving
