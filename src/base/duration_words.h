// How long something took, for people: never more than two units. The page says it in the same words. Pure;
// any thread.
#pragma once

#include <string>

#include "base/clock.h"

namespace kiln {

// "42 ms", "4.2 s", "39 s", "4 min", "4 min 10 s", "1 h 2 min", "1 d 1 h". What is less than nothing is 0 ms.
[[nodiscard]] std::string duration_words(TimeMs milliseconds);

}  // namespace kiln
