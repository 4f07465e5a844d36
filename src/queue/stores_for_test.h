// The stores of a queue that stands on a test's own ground. One thread, that of its test.
#pragma once

#include "queue/queue.h"
#include "testing/store_ground.h"

namespace kiln::queue {

[[nodiscard]] inline Stores stores_of(testing::StoreGround& ground) {
  return {ground.queue,         ground.connections, ground.triggers,
          ground.pull_requests, ground.workers,     ground.builds};
}

}  // namespace kiln::queue
