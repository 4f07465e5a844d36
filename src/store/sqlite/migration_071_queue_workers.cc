#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Workers that consume queues. worker_tag, max_wait_ms and max_concurrency (0: none is named) are of kind
// 'worker' alone.
const Migration kMigrationQueueWorkers = {"queue workers", R"sql(
ALTER TABLE queue_consumers ADD COLUMN worker_tag TEXT NOT NULL DEFAULT '';
ALTER TABLE queue_consumers ADD COLUMN max_wait_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue_consumers ADD COLUMN max_concurrency INTEGER NOT NULL DEFAULT 0;
CREATE INDEX queue_consumers_workers ON queue_consumers (worker_tag) WHERE kind = 'worker';
)sql"};

}  // namespace kiln::store::sqlite
