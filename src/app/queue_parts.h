// Message queues of the accounts, in the database: for whoever pulls, for Workers that send and consume, and
// for events of builds. Owned by Service; any thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/entropy.h"
#include "store/sqlite/batch_store.h"
#include "store/sqlite/queue_store.h"

namespace kiln::app {

struct QueueParts {
  // `most_bytes`: in one queue.
  QueueParts(store::sqlite::Database& database, Entropy& entropy, std::uint64_t most_bytes)
      : queues(database),
        messages(database, entropy, bytes_of(most_bytes)),
        batches(database, entropy, bytes_of(most_bytes)) {}

  store::sqlite::SqliteQueueStore queues;
  store::sqlite::SqliteMessageStore messages;
  store::sqlite::SqliteBatchStore batches;

 private:
  static std::int64_t bytes_of(std::uint64_t bytes) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(bytes, INT64_MAX));
  }
};

}  // namespace kiln::app
