#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

const Migration kMigrationRequireVersion = {"require version", R"sql(
ALTER TABLE triggers ADD COLUMN require_version INTEGER NOT NULL DEFAULT 0;
)sql"};

}  // namespace kiln::store::sqlite
