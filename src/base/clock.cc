#include "base/clock.h"

#include <chrono>

namespace kiln {
namespace {

template <typename ClockType>
std::int64_t since_epoch_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(ClockType::now().time_since_epoch()).count();
}

}  // namespace

TimeMs SystemClock::now() const {
  return since_epoch_ms<std::chrono::system_clock>();
}

std::int64_t SystemClock::monotonic_ms() const {
  return since_epoch_ms<std::chrono::steady_clock>();
}

}  // namespace kiln
