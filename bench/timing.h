// What the benches of sandboxes measure with.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace kiln::bench {

using Clock = std::chrono::steady_clock;

inline double ms_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

// Of at least one value.
inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace kiln::bench
