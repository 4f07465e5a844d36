#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// The names of KV namespaces. Their keys stand in files of their own (kv_values.h).
const Migration kMigrationKv = {"kv", R"sql(
CREATE TABLE kv_namespaces (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL REFERENCES accounts(id),
  title TEXT NOT NULL, created_on INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX kv_namespaces_title ON kv_namespaces (account_id, title);
CREATE INDEX kv_namespaces_id ON kv_namespaces (account_id, id);
)sql"};

}  // namespace kiln::store::sqlite
