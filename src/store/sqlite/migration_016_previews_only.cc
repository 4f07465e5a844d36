#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// What the builds of preview branches upload stands apart: no version of production is made from theirs, and
// their files stand behind a hash for previews alone.
const Migration kMigrationPreviewsOnly = {"previews only", R"sql(
ALTER TABLE versions ADD COLUMN previews_only INTEGER NOT NULL DEFAULT 0;
CREATE INDEX versions_base ON versions (worker_tag, number) WHERE previews_only = 0;

ALTER TABLE asset_sessions ADD COLUMN previews_only INTEGER NOT NULL DEFAULT 0;
CREATE TABLE preview_assets (
  account_id TEXT NOT NULL REFERENCES accounts(id), worker_name TEXT NOT NULL, hash TEXT NOT NULL,
  content_type TEXT NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
  PRIMARY KEY (account_id, worker_name, hash)
) STRICT, WITHOUT ROWID;
)sql"};

}  // namespace kiln::store::sqlite
