#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// How long the trial start of an upload took; 0: it was not started, or uploaded before this was kept.
const Migration kMigrationStartupTime = {"startup time", R"sql(
ALTER TABLE versions ADD COLUMN startup_time_ms INTEGER NOT NULL DEFAULT 0;
)sql"};

}  // namespace kiln::store::sqlite
