#include "runner/watchers.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"

namespace kiln::runner {
namespace {

constexpr TimeMs kRenewEveryMs = 10'000;
constexpr TimeMs kPauseMs = 200;

}  // namespace

LeaseKeeper::LeaseKeeper(Lease& lease, ServerClient& client, const Clock& clock,
                         std::function<void()> on_lost)
    : lease_(lease), client_(client), clock_(clock), on_lost_(std::move(on_lost)), thread_([this] {
        keep();
      }) {}

LeaseKeeper::~LeaseKeeper() {
  over_ = true;
  thread_.join();
}

void LeaseKeeper::keep() {
  const int wait_ms = static_cast<int>(std::min(kRenewEveryMs, lease_.length_ms() / 3));
  while (!over_) {
    const std::int64_t asked_at = clock_.monotonic_ms();
    const Status renewed = client_.renew(lease_.build(), {lease_.id(), wait_ms}, over_);
    if (over_) return;
    if (renewed) {
      lease_.renewed(asked_at);
      continue;
    }
    const bool again = may_pass(renewed.error().code) && lease_.pause(kPauseMs);
    if (again) continue;
    lease_.lose();
    log::info("build={} is no longer ours: {}", lease_.build().str(), renewed.error().message);
    on_lost_();
    return;
  }
}

LogShipper::LogShipper(BuildLog& log, Lease& lease, ServerClient& client)
    : log_(log), lease_(lease), client_(client), thread_([this] { ship(); }) {}

LogShipper::~LogShipper() {
  log_.discard();
  if (thread_.joinable()) thread_.join();
}

void LogShipper::finish() {
  log_.close();
  if (thread_.joinable()) thread_.join();
}

void LogShipper::ship() {
  wire::LogCall call;
  call.lease_id = lease_.id();
  call.seq = 1;
  while (auto batch = log_.next_batch()) {
    call.chunks = std::move(batch->chunks);
    call.story = std::move(batch->story);
    const Status sent = lease_.insist([&] { return client_.append_log(lease_.build(), call); });
    if (sent) {
      call.seq += static_cast<int>(call.chunks.size());
      continue;
    }
    if (sent.error().code != Errc::lease_lost) {
      log::error("build={} log chunk {} was refused, its log ends here: {}", lease_.build().str(), call.seq,
                 sent.error().message);
    }
    log_.discard();
    return;
  }
}

Deadline::Deadline(TimeMs milliseconds, std::function<void()> on_reached)
    : thread_([this, milliseconds, on_reached = std::move(on_reached)] {
        std::unique_lock lock(mutex_);
        const bool in_time =
            wake_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return over_; });
        lock.unlock();
        if (!in_time) on_reached();
      }) {}

Deadline::~Deadline() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

}  // namespace kiln::runner
