#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

const Migration kMigrationDeployHooks = {"deploy hooks", R"sql(
-- A hook's uuid is a secret: it is found by its SHA-256 and shown again from uuid_sealed.
CREATE TABLE deploy_hooks (
  uuid_hash BLOB PRIMARY KEY, uuid_sealed BLOB NOT NULL, account_id TEXT NOT NULL REFERENCES accounts(id),
  worker_tag TEXT NOT NULL REFERENCES workers(tag), name TEXT NOT NULL, branch TEXT NOT NULL,
  created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL, latest_build_on INTEGER
) STRICT;
CREATE UNIQUE INDEX deploy_hooks_name ON deploy_hooks (worker_tag, name);

-- The builds that hooks started within the last minute, for the rate limits. They outlive their hook, so that a new
-- hook is no new allowance.
CREATE TABLE deploy_hook_starts (
  account_id TEXT NOT NULL REFERENCES accounts(id), created_on INTEGER NOT NULL, build_uuid BLOB NOT NULL,
  worker_tag TEXT NOT NULL,
  PRIMARY KEY (account_id, created_on, build_uuid)
) STRICT, WITHOUT ROWID;
)sql"};

}  // namespace kiln::store::sqlite
