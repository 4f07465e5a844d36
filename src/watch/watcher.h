// Looks at the hosts of connected repositories, each at its time: polled ones, and all others so that no push
// is missed. One call a host at a time, and places for few hosts that say nothing, so that none delays
// another.
//
// Owned by app. start() spawns one thread that watches the time and others that each wait for one host;
// stop() ends them: whoever owns the processes ends those of git first. Methods: any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/task_threads.h"
#include "scm/git/host_slots.h"
#include "watch/looker.h"
#include "watch/schedule.h"

namespace kiln::watch {

class Watcher {
 public:
  // What `ports` refer to outlives it.
  Watcher(const LookPorts& ports, TimeMs catch_up_ms);
  ~Watcher() { stop(); }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  void start();
  void stop();
  // Of a connection that is new, or whose settings or credentials have changed: it is looked at now.
  void hurry(const Uuid& connection);

 private:
  void keep();
  void round(std::unique_lock<std::mutex>& lock);
  void wake();

  const LookPorts ports_;
  Looker looker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool woken_ = false;
  Schedule schedule_;
  std::vector<Uuid> hurried_;
  TimeMs refreshed_on_ = 0;  // monotonic; 0: never
  scm::HostSlots hosts_;
  TaskThreads looks_;
  std::thread keeper_;
};

}  // namespace kiln::watch
