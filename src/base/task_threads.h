// A few threads that do blocking work in the order it came. Owned by whoever needs it; add() from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kiln {

class TaskThreads {
 public:
  ~TaskThreads() { stop(); }

  void start(int count);
  void add(std::function<void()> task);
  // Ends after the tasks that run now; those that wait are dropped, and so are later ones.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace kiln
