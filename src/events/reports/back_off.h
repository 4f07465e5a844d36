// When a report that failed is tried again, and whether its host gets a rest. Pure; any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"

namespace kiln::events {

struct NextTry {
  enum class Whose {
    report,  // it alone waits; the host's others go on
    host,    // everything for that host waits
    nobody,  // it is given up until its build moves again
  };
  Whose whose = Whose::report;
  TimeMs wait_ms = 0;
};

// `attempts` of this report have failed before this one; `share` from 0 to 1 spreads those who wait alike.
// Hosts that do not answer: 1, 2, 4 … s up to five minutes, for as long as it takes. Hosts that limit: as
// long as they say. What was refused by its right, its name or its form: never again of itself, but what may
// be a matter of moments (Errc::conflict, not_found of something new, a limit that is told as
// Errc::forbidden) up to five times.
[[nodiscard]] NextTry next_try(const Error& error, int attempts, double share);

}  // namespace kiln::events
