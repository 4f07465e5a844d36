// How a command ended, in words for somebody who has only the log. Pure; any thread.
#pragma once

#include <string>

#include "runner/sandbox/sandbox.h"

namespace kiln::runner {

// "ended with exit code 7", "was killed by signal 9 (SIGKILL)", with what it usually means where that is
// known.
[[nodiscard]] std::string exit_words(const CommandEnd& end);

// The same in a few: "exit code 1", "killed by signal 9 (SIGKILL)".
[[nodiscard]] std::string short_exit_words(const CommandEnd& end);

}  // namespace kiln::runner
