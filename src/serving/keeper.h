// The keeper of the processes: decides what is started and stopped, forks, reads what processes say, reaps.
// Only for the runtimes, which own it.
//
// keep() is its thread. `mutex` guards `instances`, `open` and the first fields of each instance; no answer
// is given while it is held.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/task_threads.h"
#include "confine/host_users.h"
#include "serving/instance.h"
#include "serving/process_kind.h"
#include "serving/workerd_runtimes.h"

namespace kiln::serving {

using std::chrono::milliseconds;

inline constexpr milliseconds kLongestPause{30'000};
inline constexpr milliseconds kWorthWaiting{1000};  // for a start that comes by itself

// One more user of the process. With the mutex held.
[[nodiscard]] Endpoint endpoint_of(const Instance& instance);

// The most processes of a kind: each has a uid of its own.
[[nodiscard]] inline unsigned uids_of(ProcessKind kind) {
  return kind == ProcessKind::version ? kWorkerUids : kDatabaseUids;
}

[[nodiscard]] inline Error not_available(std::string words) {
  return {Errc::unavailable, std::move(words), {}};
}

// Answers that are due, given once the mutex is free.
class Answers {
 public:
  void serve(Instance& instance) {
    for (Ready& ready : instance.waiting) add(std::move(ready), endpoint_of(instance));
    instance.waiting.clear();
  }
  void refuse(Instance& instance, const Error& error) {
    for (Ready& ready : instance.waiting) add(std::move(ready), tl::unexpected<Error>(error));
    instance.waiting.clear();
  }
  void give() {
    for (auto& [ready, result] : list_) ready(std::move(result));
    list_.clear();
  }

 private:
  void add(Ready ready, Result<Endpoint> result) { list_.emplace_back(std::move(ready), std::move(result)); }
  std::vector<std::pair<Ready, Result<Endpoint>>> list_;
};

struct Keeper {
  Keeper(Preparer given_preparer, RuntimeOptions given, LineSink given_sink)
      : prepare(std::move(given_preparer)), options(std::move(given)), sink(std::move(given_sink)) {
    options.max_running = std::min(options.max_running, static_cast<int>(uids_of(options.kind)));
  }

  Preparer prepare;
  RuntimeOptions options;
  LineSink sink;
  Fd wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::atomic<int> processes{0};
  std::atomic<int> next_folder{0};

  std::mutex mutex;
  std::map<Uuid, std::unique_ptr<Instance>> instances;
  bool open = false;                                 // between start() and stop()
  std::vector<std::unique_ptr<Instance>> taken_out;  // outdated; on their way to `retiring`

  // The keeper's alone.
  std::vector<std::unique_ptr<Instance>> ending;    // killed, not yet reaped
  std::vector<std::unique_ptr<Instance>> retiring;  // outdated, and somebody may use it still
  std::vector<bool> slots;

  TaskThreads preparers;
  std::thread thread;  // keep()

  void wake_up() const {
    const std::uint64_t one = 1;
    if (write(wake.get(), &one, sizeof one) < 0) return;  // it is awake already
  }
  [[nodiscard]] Error not_started() const;
  void prepare_later(const Uuid& version);
  void keep();
  milliseconds decide(Answers& answers, std::vector<Instance*>& to_start);
  [[nodiscard]] bool retire(std::unique_ptr<Instance>& instance);
  milliseconds end_retired();
  milliseconds decide_one(Instance& instance, SteadyTime now, Answers& answers,
                          std::vector<Instance*>& to_start);
  milliseconds watch(Instance& instance, SteadyTime now);
  [[nodiscard]] bool make_room(Answers& answers, Instance& wanted);
  void start_process(Instance& instance);
  Status spawn_process(Instance& instance);
  void wait_for_events(milliseconds longest, Answers& answers);
  void read_output(Instance& instance);
  void process_gone(Instance& instance, Answers& answers);
  void put_away(Instance& instance);
  void end_everything();
};

}  // namespace kiln::serving
