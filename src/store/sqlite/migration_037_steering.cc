#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// What an operator steers by: triggers that are paused, accounts that are deleted (their history stays, and
// the ids in it), and tokens that have been rotated, whose secret before is good until old_until.
const Migration kMigrationSteering = {"steering", R"sql(
ALTER TABLE triggers ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
CREATE INDEX triggers_account ON triggers (account_id, created_on) WHERE deleted_on IS NULL;
ALTER TABLE accounts ADD COLUMN deleted_on INTEGER;
ALTER TABLE api_tokens ADD COLUMN old_secret_hash BLOB;
ALTER TABLE api_tokens ADD COLUMN old_until INTEGER;
CREATE INDEX api_tokens_old ON api_tokens (old_secret_hash) WHERE old_secret_hash IS NOT NULL;
)sql"};

}  // namespace kiln::store::sqlite
