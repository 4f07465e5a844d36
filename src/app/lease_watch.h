// Takes back the builds of runners that fell silent: looks for ended leases at a steady interval, and does
// there what else may wait so long.
// Owned by the Service. One thread of its own between start() and stop().
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "queue/queue.h"

namespace kiln::app {

class LeaseWatch {
 public:
  LeaseWatch(queue::Queue& queue, TimeMs interval_ms, std::function<void()> also)
      : queue_(queue), interval_ms_(interval_ms), also_(std::move(also)) {}
  ~LeaseWatch() { stop(); }
  LeaseWatch(const LeaseWatch&) = delete;
  LeaseWatch& operator=(const LeaseWatch&) = delete;

  void start();
  void stop();

 private:
  void watch();

  queue::Queue& queue_;
  TimeMs interval_ms_;
  std::function<void()> also_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace kiln::app
