// A build that is recorded and never run. Only for queue's intake. Pure; any thread.
#pragma once

#include <string>

#include "store/build_queue.h"

namespace kiln::queue {

// Makes a queued build a skipped one whose log says `why`.
void skip(store::NewBuild& fresh, const std::string& why);

}  // namespace kiln::queue
