// Long work of an operator's, done on a thread of its own that gives way to everybody else's, and what it has
// to say in pieces, for a reader who takes them as they come. Jobs is owned by app and outlives its readers'
// interest; a Pieces is shared by the thread and the reader. Safe from any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"

namespace kiln::ops {

class Pieces {
 public:
  // `wake` is called when there is something to take after there was nothing.
  explicit Pieces(std::function<void()> wake) : wake_(std::move(wake)) {}

  // --- of the thread that works
  // Waits while the reader is behind. False: nobody reads any more, stop.
  bool put(std::string_view bytes);
  // Whether anybody still wants it.
  [[nodiscard]] bool wanted() const;
  void end();

  // --- of the reader
  struct Taken {
    std::string bytes;  // empty: nothing yet
    bool end = false;   // and nothing more comes
  };
  [[nodiscard]] Taken take();
  // The reader is gone, or the server stops.
  void give_up();

 private:
  std::function<void()> wake_;
  mutable std::mutex mutex_;  // over all below
  std::condition_variable room_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool ended_ = false;
  bool given_up_ = false;
};

// Gives the calling thread the lowest share of processor and disk.
void give_way();

class Jobs {
 public:
  // The kinds of which one runs at a time.
  enum class Kind { backup, check, prune };
  ~Jobs() { stop(); }

  // Runs `work`, and ends the pieces after it. Errors: Errc::conflict when one of the kind runs; Errc::
  // unavailable when the server stops.
  [[nodiscard]] Result<std::shared_ptr<Pieces>> start(Kind kind, std::function<void()> wake,
                                                      std::function<void(Pieces&)> work);
  // Ends what runs and waits for it; nothing starts any more.
  void stop();

 private:
  struct Job {
    Kind kind;
    std::shared_ptr<Pieces> pieces;
    bool over = false;
    std::thread thread;
  };
  void join_those_over();

  std::mutex mutex_;  // over all below
  std::vector<std::unique_ptr<Job>> jobs_;
  bool stopping_ = false;
};

}  // namespace kiln::ops
