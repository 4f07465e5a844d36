// Destinations that are served one thread each, so that one that is down, slow or limiting delays no other.
// Owned by app; start() and stop() from one thread, wake() from any.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::events {

class Lanes {
 public:
  struct Destination {
    std::string name;
    TimeMs due_on = 0;  // of the first that waits for it
  };
  struct Served {
    bool any = false;    // something was due
    TimeMs rest_ms = 0;  // the destination is to be left alone for so long, five minutes at most
  };
  // What a lane does. Each may be called from any of the lanes' threads; `serve` never twice at once for one
  // destination. What is thrown is logged and ends nothing.
  struct Parts {
    const char* what = "";           // for the log: "reports"
    std::function<Status()> before;  // at every look, first; none: nothing
    std::function<Result<std::vector<Destination>>()> destinations;
    std::function<Result<Served>(const std::string& destination)> serve;  // one thing that is due there
  };

  // The clock, and whatever the parts refer to, outlive it.
  Lanes(Parts parts, const Clock& clock) : parts_(std::move(parts)), clock_(clock) {}
  ~Lanes() { stop(); }
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  void start();
  // Waits for the calls that are under way.
  void stop();
  // Something may wait.
  void wake();

 private:
  struct Lane {
    std::thread thread;
    bool ended = false;            // its thread is about to return
    std::int64_t rests_until = 0;  // monotonic ms
  };
  void run();
  void look();
  Result<Served> serve_one(const std::string& destination);
  void serve(const std::string& destination);
  void tend_lanes();

  Parts parts_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool something_waits_ = true;
  bool stopping_ = false;
  std::map<std::string, Lane> lanes_;  // by destination
  std::thread thread_;
};

}  // namespace kiln::events
