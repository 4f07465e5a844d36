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
    limited,  // likewise, and for as long as the host says
    nobody,   // it is given up until its build moves again
  };
  Whose whose = Whose::report;
  TimeMs wait_ms = 0;
};

// What came before this failure of a report: `attempts` failed, the last `refusals` of them because the host
// refused; and so often, one after the other, has the host limited.
struct Failures {
  int attempts = 0;
  int refusals = 0;
  int limits = 0;
};

// `share` from 0 to 1 spreads those who wait alike. Hosts that do not answer: 1, 2, 4 … s up to five minutes,
// for as long as it takes. Hosts that limit: as long as they say (`error.field`, in seconds), else 1, 2, 4 …
// minutes up to an hour. What was refused by its right, its name or its form: never again of itself, but what
// may be a matter of moments (Errc::conflict, Errc::unauthenticated, not_found of something new) up to five
// times in a row. A limit names itself (scm/forge/api_call.h); Errc::forbidden is a right that is missing.
[[nodiscard]] NextTry next_try(const Error& error, const Failures& failures, double share);

}  // namespace kiln::events
