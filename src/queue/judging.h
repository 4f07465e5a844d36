// What is told of a branch is judged a delivery at a time (turns.h). Where another server stores one of the
// same branch meanwhile, what was judged rests on what is so no more, and is judged again. Any thread.
#pragma once

#include <set>
#include <utility>

#include "base/result.h"
#include "queue/turns.h"

namespace kiln::queue {

// Waits for the turn of the branches. `judge` is called until it ends otherwise than by Errc::conflict.
// Errors: its own; Errc::unavailable when that goes on and on, for the sender to come again.
template <typename Judge>
[[nodiscard]] auto until_settled(Turns& turns, std::set<Turns::Branch> branches, const Judge& judge)
    -> decltype(judge()) {
  const Turns::Turn turn = turns.wait_for(std::move(branches));
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
