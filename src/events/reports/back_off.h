// When a report that failed is tried again, and whether its host gets a rest. Pure; any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"

namespace kiln::events {

struct NextTry {
  enum class Whose {
    report,   // it alone waits; the host's others go on
    refused,  // likewise, and the host said no
    host,     // everything for that host waits
    nobody,   // it is given up until its build moves again
  };
  Whose whose = Whose::report;
  TimeMs wait_ms = 0;
};

// Before this one `failures.attempts` of this report have failed, the last `failures.refusals` of them
// because the host refused; `share` from 0 to 1 spreads those who wait alike. Hosts that do not answer: 1, 2,
// 4 … s up to five minutes, for as long as it takes. Hosts that limit: as long as they say. What was refused
// by its right, its name or its form: never again of itself, but what may be a matter of moments
// (Errc::conflict, not_found of something new, a limit that is told as Errc::forbidden) up to five times in a
// row.
struct Failures {
  int attempts = 0;
  int refusals = 0;
};
[[nodiscard]] NextTry next_try(const Error& error, const Failures& failures, double share);

}  // namespace kiln::events
