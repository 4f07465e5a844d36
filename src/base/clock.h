// The door to time. Owned by app (SystemClock) or by a test (testing/fake_clock.h) and passed by reference.
// All methods are safe from any thread.
#pragma once

#include <cstdint>

namespace kiln {

// Milliseconds since the Unix epoch, UTC.
using TimeMs = std::int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time: what is stored and shown.
  [[nodiscard]] virtual TimeMs now() const = 0;
  // Monotonic milliseconds from an arbitrary start: for measuring and for deadlines inside one process.
  [[nodiscard]] virtual std::int64_t monotonic_ms() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimeMs now() const override;
  [[nodiscard]] std::int64_t monotonic_ms() const override;
};

}  // namespace kiln
