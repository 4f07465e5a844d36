#include "runner/sandbox/remover.h"

#include <chrono>

#include "base/log.h"

namespace kiln::runner {
namespace {

constexpr std::chrono::seconds kGone{10};  // the kernel needs well under a second

}  // namespace

void Remains::remove() {
  wall.reset();
  if (limits && !limits->wait_until_empty(kGone))
    log::error("processes of a build are still in its cgroup folder={}", limits->folder().string());
  if (limits) limits->close();
  limits.reset();
  held.reset();
}

Remover::~Remover() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Remover::add(Remains remains) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return waiting_.size() + at_work_ < most_; });
  waiting_.push_back(std::move(remains));
  wake_.notify_all();
}

void Remover::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::vector<Remains> now = std::move(waiting_);
    waiting_.clear();
    at_work_ = now.size();
    lock.unlock();
    for (Remains& remains : now) remains.remove();
    lock.lock();
    at_work_ = 0;
    wake_.notify_all();
  }
}

}  // namespace kiln::runner
