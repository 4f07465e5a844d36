// Removes what the audit has kept long enough, now and then. Owned by the Service; one thread.
#pragma once

#include "base/clock.h"
#include "store/audit_store.h"

namespace kiln::app {

class AuditAge {
 public:
  // `keep_days` 0: nothing is ever removed.
  AuditAge(store::AuditStore& audit, const Clock& clock, int keep_days)
      : audit_(audit), clock_(clock), keep_ms_(TimeMs{keep_days} * 24 * 3'600'000) {}

  // At most once an hour, and no more than the writer does in a moment; what is left over comes next time.
  void forget_old();

 private:
  store::AuditStore& audit_;
  const Clock& clock_;
  TimeMs keep_ms_;
  TimeMs next_ = 0;
};

}  // namespace kiln::app
