// What becomes of a delivery after a try. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace kiln::events {

struct AfterTry {
  enum class Is { delivered, again, parked, sink_off };
  Is is = Is::again;
  TimeMs wait_ms = 0;  // of again
};

// `attempts` have failed before this one, which the sink answered with `status` (0: not at all) and, where it
// said so, with a wait. 2xx ends it; 410 switches the sink off; else it is tried again after 5 s, 5 min,
// 30 min, 2 h, 5 h, 10 h, 14 h and 20 h, or after the sink's own wait where that is longer, and then parked.
[[nodiscard]] AfterTry after_try(int attempts, int status, std::optional<TimeMs> asked_wait_ms);

// The wait that a Retry-After header asks for (RFC 9110 10.2.3), a day at most; nothing: none.
[[nodiscard]] std::optional<TimeMs> retry_after_ms(std::string_view header, TimeMs now);

}  // namespace kiln::events
