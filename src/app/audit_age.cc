#include "app/audit_age.h"

#include "base/log.h"

namespace kiln::app {
namespace {

constexpr TimeMs kHourMs = 3'600'000;
constexpr int kMostForgotten = 1'000;

}  // namespace

void AuditAge::forget_old() {
  const TimeMs now = clock_.now();
  if (keep_ms_ == 0 || now < next_) return;
  const Result<int> gone = audit_.forget(now - keep_ms_, kMostForgotten);
  if (!gone) log::warn("old entries of the audit not removed error={}", log::quoted(gone.error().message));
  // As long as there is more, at each call.
  if (!gone || *gone < kMostForgotten) next_ = now + kHourMs;
}

}  // namespace kiln::app
