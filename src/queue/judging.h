// Deliveries of one branch that are judged at the same time: the second to be stored rests on what is so no
// more, and is judged again. Any thread.
#pragma once

#include "base/result.h"

namespace kiln::queue {

// `judge` is called until it ends otherwise than by Errc::conflict. Errors: its own; Errc::unavailable when
// that goes on and on, for the sender to come again.
template <typename Judge>
[[nodiscard]] auto until_settled(const Judge& judge) -> decltype(judge()) {
  constexpr int most = 16;
  for (int time = 0; time < most; ++time) {
    auto done = judge();
    if (done || done.error().code != Errc::conflict) return done;
  }
  return fail(
      Errc::unavailable,
      "the branch is told of faster than it can be judged; deliver this one again, or wait until Kiln "
      "asks the host for it");
}

}  // namespace kiln::queue
