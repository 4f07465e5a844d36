#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Builds of forks have no token, and readers are promised a UUID: one that is nobody's.
const Migration kMigrationForkTokens = {"fork tokens", R"sql(
UPDATE builds SET metadata_json = json_set(metadata_json, '$.build_token_uuid', (
    SELECT lower(substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-4' || substr(h, 14, 3) || '-a' || substr(h, 18, 3) ||
      '-' || substr(h, 21, 12)) FROM (SELECT hex(randomblob(16)) AS h)))
  WHERE restricted = 1 AND json_extract(metadata_json, '$.build_token_uuid') IS NULL;
)sql"};

}  // namespace kiln::store::sqlite
