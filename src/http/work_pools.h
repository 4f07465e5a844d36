// The threads of a server behind its I/O thread: for each kind of work a few of its own, and a bounded queue.
// Owned by Server; includes Asio, so only the server's own files include it. Safe from any thread.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <utility>

#include "http/net.h"
#include "http/work.h"

namespace kiln::http {

class WorkPools {
 public:
  explicit WorkPools(const WorkRooms& rooms);
  // Waits for what still runs.
  ~WorkPools();
  WorkPools(const WorkPools&) = delete;
  WorkPools& operator=(const WorkPools&) = delete;

  // A place for one task of that kind, to be used by run(). False when as many run and wait as may.
  [[nodiscard]] bool reserve(Work work);

  // Runs `task` on a thread of that kind, gives its place back, and calls `then` on the same thread. Neither
  // may throw. A place was reserved before.
  template <typename Task, typename Then>
  void run(Work work, Task task, Then then) {
    Pool& pool = of(work);
    asio::post(pool.threads, [&pool, task = std::move(task), then = std::move(then)]() mutable {
      task();
      --pool.held;
      then();
    });
  }

 private:
  struct Pool {
    explicit Pool(const WorkRoom& room) : most(room.threads + room.waiting), threads(room.threads) {}
    const std::size_t most;
    std::atomic<std::size_t> held{0};  // places that are taken
    asio::thread_pool threads;
  };
  [[nodiscard]] Pool& of(Work work) { return *pools_.at(static_cast<std::size_t>(work)); }

  std::array<std::unique_ptr<Pool>, kWorks> pools_;  // none where no thread is wanted
};

}  // namespace kiln::http
