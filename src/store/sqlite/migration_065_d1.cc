#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// The names of D1 databases. What is in them stands in folders of their own.
const Migration kMigrationD1 = {"d1", R"sql(
CREATE TABLE d1_databases (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL REFERENCES accounts(id),
  name TEXT NOT NULL, created_on INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX d1_databases_name ON d1_databases (account_id, name);
)sql"};

}  // namespace kiln::store::sqlite
