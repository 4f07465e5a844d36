#include "base/task_threads.h"

#include <exception>

#include "base/log.h"

namespace kiln {

void TaskThreads::start(int count) {
  for (int i = 0; i < count; ++i) threads_.emplace_back([this] { run(); });
}

void TaskThreads::add(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void TaskThreads::stop() {
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(tasks_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void TaskThreads::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (stopping_) return;
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    try {
      task();
    } catch (const std::exception& error) {
      log::error("a task ended by an exception: {}", error.what());
    }
    task = nullptr;
    lock.lock();
  }
}

}  // namespace kiln
