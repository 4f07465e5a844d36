#include "app/lease_watch.h"

#include <chrono>

#include "base/log.h"

namespace kiln::app {

void LeaseWatch::start() {
  thread_ = std::thread([this] { watch(); });
}

void LeaseWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LeaseWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::milliseconds(interval_ms_), [this] { return stopping_; })) {
    lock.unlock();
    if (Status done = queue_.recover(std::nullopt); !done)
      log::error("looking for ended leases: {}", done.error().message);
    also_();
    lock.lock();
  }
}

}  // namespace kiln::app
