#include "runner/server/lease.h"

#include <algorithm>
#include <chrono>

namespace kiln::runner {
namespace {

constexpr TimeMs kFirstPauseMs = 50;
constexpr TimeMs kLongestPauseMs = 2'000;

}  // namespace

bool may_pass(Errc code) {
  return code == Errc::unavailable || code == Errc::timeout || code == Errc::rate_limited ||
         code == Errc::io || code == Errc::disk_full || code == Errc::internal;
}

Lease::Lease(const Clock& clock, const Uuid& build, const Uuid& id, TimeMs length_ms)
    : clock_(clock), build_(build), id_(id), length_ms_(length_ms), renewed_at_(clock.monotonic_ms()) {}

void Lease::renewed(std::int64_t asked_at) {
  const std::lock_guard lock(mutex_);
  renewed_at_ = std::max(renewed_at_, asked_at);
}

void Lease::lose() {
  const std::lock_guard lock(mutex_);
  lost_ = true;
  changed_.notify_all();
}

bool Lease::ours_locked() const {
  return !lost_ && clock_.monotonic_ms() - renewed_at_ < length_ms_;
}

bool Lease::ours() const {
  const std::lock_guard lock(mutex_);
  return ours_locked();
}

bool Lease::pause(TimeMs milliseconds) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return lost_; });
  return ours_locked();
}

Status Lease::insist(const std::function<Status()>& call) {
  TimeMs wait = kFirstPauseMs;
  while (true) {
    if (!ours()) return fail(Errc::lease_lost, "the build is no longer this runner's");
    Status done = call();
    if (done || !may_pass(done.error().code)) return done;
    pause(wait);
    wait = std::min(wait * 2, kLongestPauseMs);
  }
}

}  // namespace kiln::runner
