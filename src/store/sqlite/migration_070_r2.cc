#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// The names of R2 buckets. Their objects stand in folders of their own (r2_objects.h).
const Migration kMigrationR2 = {"r2", R"sql(
CREATE TABLE r2_buckets (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL REFERENCES accounts(id),
  name TEXT NOT NULL, storage_class TEXT NOT NULL, created_on INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX r2_buckets_name ON r2_buckets (account_id, name);
)sql"};

}  // namespace kiln::store::sqlite
