// A build that is queued and not to be run before a maintainer approves it. Only for queue. Pure; any thread.
#pragma once

#include "store/build_queue.h"

namespace kiln::queue {

// Makes a queued build one that waits, and says so in its log.
void await_approval(store::NewBuild& fresh);

}  // namespace kiln::queue
