#include "runner/server/stop_switch.h"

namespace kiln::runner {

void StopSwitch::stop(StopReason reason) {
  const std::lock_guard lock(mutex_);
  if (reason_ == StopReason::none) reason_ = reason;
  if (sandbox_ != nullptr) sandbox_->stop();
}

void StopSwitch::watch(Sandbox* sandbox) {
  const std::lock_guard lock(mutex_);
  sandbox_ = sandbox;
  if (sandbox_ != nullptr && reason_ != StopReason::none) sandbox_->stop();
}

StopReason StopSwitch::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

}  // namespace kiln::runner
