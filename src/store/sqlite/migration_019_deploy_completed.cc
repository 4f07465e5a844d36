#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// What the runner knew of a build's deploy command before it was lost.
const Migration kMigrationDeployCompleted = {"deploy completed", R"sql(
ALTER TABLE builds ADD COLUMN deploy_completed INTEGER NOT NULL DEFAULT 0;
)sql"};

}  // namespace kiln::store::sqlite
