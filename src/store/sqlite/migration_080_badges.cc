#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

const Migration kMigrationBadges = {"badges", R"sql(
-- Whoever knows a badge's uuid sees its picture: it is found by its SHA-256 and shown again from uuid_sealed.
CREATE TABLE badges (
  worker_tag TEXT PRIMARY KEY REFERENCES workers(tag), account_id TEXT NOT NULL REFERENCES accounts(id),
  uuid_hash BLOB NOT NULL UNIQUE, uuid_sealed BLOB NOT NULL, branch TEXT NOT NULL, created_on INTEGER NOT NULL
) STRICT;
)sql"};

}  // namespace kiln::store::sqlite
