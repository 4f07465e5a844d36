#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// A purge of a trigger's build cache is one more epoch: runners ignore and remove what older epochs left.
const Migration kMigrationCacheEpoch = {"cache epoch", R"sql(
ALTER TABLE triggers ADD COLUMN cache_epoch INTEGER NOT NULL DEFAULT 0;
)sql"};

}  // namespace kiln::store::sqlite
