#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// The named entrypoints that a version's trial start found; none of a version uploaded before this was kept.
const Migration kMigrationEntrypoints = {"entrypoints", R"sql(
ALTER TABLE versions ADD COLUMN entrypoints_json TEXT NOT NULL DEFAULT '[]';
)sql"};

}  // namespace kiln::store::sqlite
