// One build's emergency stop: remembers why the build has to stop and kills its sandbox, whether that is
// running already or comes later. All methods from any thread; the sandbox given to watch() must be withdrawn
// before it is destroyed.
#pragma once

#include <functional>
#include <mutex>

#include "runner/sandbox/sandbox.h"

namespace kiln::runner {

enum class StopReason {
  none,
  lease_lost,     // cancelled, or another runner has it: say nothing more
  timed_out,      // the build's time limit
  shutting_down,  // this runner is being stopped
};

class StopSwitch {
 public:
  // The first reason counts.
  void stop(StopReason reason);
  void watch(Sandbox* sandbox);  // nullptr withdraws it
  [[nodiscard]] StopReason reason() const;
  [[nodiscard]] bool stopped() const { return reason() != StopReason::none; }

 private:
  mutable std::mutex mutex_;
  StopReason reason_ = StopReason::none;
  Sandbox* sandbox_ = nullptr;
};

}  // namespace kiln::runner
