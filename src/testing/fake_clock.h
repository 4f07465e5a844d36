// A clock that stands still until a test moves it. Owned by the test; any thread.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace kiln::testing {

class FakeClock final : public Clock {
 public:
  // 2026-01-02T03:04:05.678Z unless told otherwise.
  explicit FakeClock(TimeMs start = 1'767'323'045'678) : now_(start) {}

  [[nodiscard]] TimeMs now() const override { return now_.load(); }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return monotonic_.load(); }

  // Wall time alone: backwards too, as an administrator may set it.
  void set_now(TimeMs time) { now_.store(time); }
  void set_monotonic(std::int64_t time) { monotonic_.store(time); }
  // Both, as time passes.
  void advance(std::int64_t milliseconds) {
    now_.fetch_add(milliseconds);
    monotonic_.fetch_add(milliseconds);
  }

 private:
  std::atomic<TimeMs> now_;
  std::atomic<std::int64_t> monotonic_{1'000};
};

}  // namespace kiln::testing
