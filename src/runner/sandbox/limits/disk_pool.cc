#include "runner/sandbox/limits/disk_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/log.h"

namespace kiln::runner {
namespace {

constexpr std::chrono::seconds kPauseAfterNoDisk{5};
// The next disk is made when the build that took the last one is under way, not beside its start.
constexpr std::chrono::milliseconds kPauseAfterTake{500};

}  // namespace

DiskPool::DiskPool(std::unique_ptr<DiskFactory> factory, int ready)
    : factory_(std::move(factory)), wanted_(static_cast<std::size_t>(std::max(ready, 1))) {
  thread_ = std::thread([this] { work(); });
}

DiskPool::~DiskPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Result<std::unique_ptr<DiskImage>> DiskPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!ready_.empty()) {
      std::unique_ptr<DiskImage> disk = std::move(ready_.front());
      ready_.pop_front();
      not_before_ = std::chrono::steady_clock::now() + kPauseAfterTake;
      wake_.notify_all();
      return disk;
    }
  }
  return make();
}

void DiskPool::give_back(std::unique_ptr<DiskImage> used) {
  const std::lock_guard lock(mutex_);
  used_.push_back(std::move(used));
  wake_.notify_all();
}

Result<std::unique_ptr<DiskImage>> DiskPool::make() {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = next_++;
  }
  return factory_->make(fmt::format("disk-{}", number));
}

// Takes away first: the host's space comes before the next build's speed.
void DiskPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !used_.empty() || ready_.size() < wanted_; });
    if (!used_.empty()) {
      std::vector<std::unique_ptr<DiskImage>> used = std::move(used_);
      used_.clear();
      lock.unlock();
      used.clear();
      lock.lock();
      continue;
    }
    if (ending_) return;
    if (wake_.wait_until(lock, not_before_, [this] { return ending_ || !used_.empty(); })) continue;
    lock.unlock();
    Result<std::unique_ptr<DiskImage>> made = make();
    lock.lock();
    if (made) {
      ready_.push_back(std::move(*made));
    } else {
      log::warn("no disk could be prepared for the next build reason={}", log::quoted(made.error().message));
      wake_.wait_for(lock, kPauseAfterNoDisk, [this] { return ending_ || !used_.empty(); });
    }
  }
}

}  // namespace kiln::runner
