#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// One row for each pull request that a host has told of. head_branch is a branch of the repository itself, or
// empty when the head is in a fork.
const Migration kMigrationPullRequests = {"pull requests", R"sql(
CREATE TABLE pull_requests (
  connection_uuid BLOB NOT NULL REFERENCES repo_connections(uuid), number INTEGER NOT NULL, url TEXT NOT NULL,
  head_branch TEXT NOT NULL, head_commit TEXT NOT NULL, is_open INTEGER NOT NULL, created_on INTEGER NOT NULL,
  updated_on INTEGER NOT NULL,
  PRIMARY KEY (connection_uuid, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX pull_requests_branch ON pull_requests (connection_uuid, head_branch, number) WHERE is_open = 1;
ALTER TABLE triggers ADD COLUMN fork_builds TEXT NOT NULL DEFAULT 'never';
ALTER TABLE builds ADD COLUMN restricted INTEGER NOT NULL DEFAULT 0;
)sql"};

}  // namespace kiln::store::sqlite
