#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Lists come in the order of an index, so that nothing is sorted while somebody waits; deployments have their
// place among their Worker's (from 1), so that they are neither counted nor skipped through.
const Migration kMigrationOrders = {"orders", R"sql(
CREATE INDEX accounts_age ON accounts (created_on, id);
DROP INDEX api_tokens_account;
CREATE INDEX api_tokens_account ON api_tokens (account_id, created_on, id);
CREATE INDEX repo_connections_account ON repo_connections (account_id, created_on, uuid) WHERE deleted_on IS NULL;
DROP INDEX triggers_worker;
CREATE INDEX triggers_worker ON triggers (worker_tag, created_on) WHERE deleted_on IS NULL;
DROP INDEX triggers_connection;
CREATE INDEX triggers_connection ON triggers (connection_uuid, created_on) WHERE deleted_on IS NULL;
CREATE INDEX deploy_hooks_worker ON deploy_hooks (worker_tag, created_on);
DROP INDEX version_aliases_age;
CREATE INDEX version_aliases_age ON version_aliases (worker_tag, modified_on DESC, alias);
CREATE INDEX previews_age ON previews (worker_tag, created_on DESC, name);
CREATE INDEX asset_sessions_worker ON asset_sessions (account_id, worker_name);

ALTER TABLE deployments ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
UPDATE deployments SET ordinal = counted.ordinal FROM (
  SELECT number, row_number() OVER (PARTITION BY worker_tag ORDER BY number) AS ordinal FROM deployments
) AS counted WHERE deployments.number = counted.number;
CREATE UNIQUE INDEX deployments_ordinal ON deployments (worker_tag, ordinal);
)sql"};

}  // namespace kiln::store::sqlite
