#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// How far old things of a Worker were taken away, by kind: 'builds' (ordinal), 'versions' (number),
// 'deployments' (ordinal). Above up_to none is missing; gone is how many are, so that a page is found without
// counting. log_gone: the build's log was taken away, or it never had one.
const Migration kMigrationThinned = {"thinned", R"sql(
CREATE TABLE thinned (
  worker_tag TEXT NOT NULL, what TEXT NOT NULL, account_id TEXT NOT NULL, up_to INTEGER NOT NULL, gone INTEGER NOT NULL,
  PRIMARY KEY (worker_tag, what)
) STRICT, WITHOUT ROWID;
CREATE INDEX thinned_account ON thinned (account_id, what, gone);

ALTER TABLE builds ADD COLUMN log_gone INTEGER NOT NULL DEFAULT 0;
CREATE INDEX builds_logged ON builds (account_id, worker_tag, ordinal) WHERE log_gone = 0;

-- Without these, each version that goes would be looked for in all that may name it.
CREATE INDEX deployment_versions_version ON deployment_versions (version_id);
CREATE INDEX version_aliases_version ON version_aliases (version_id);
CREATE TRIGGER versions_deleted AFTER DELETE ON versions BEGIN
  UPDATE change_numbers SET routes = routes + 1; END;
)sql"};

}  // namespace kiln::store::sqlite
