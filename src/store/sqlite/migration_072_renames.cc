#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// When a repository's host gave it the name that is known, by the host's clock: news of names come in any
// order.
const Migration kMigrationRenames = {"renames", R"sql(
ALTER TABLE repo_connections ADD COLUMN renamed_on INTEGER NOT NULL DEFAULT 0;
)sql"};

}  // namespace kiln::store::sqlite
