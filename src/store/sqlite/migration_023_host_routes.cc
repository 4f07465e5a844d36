#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Routes and custom domains. A route's pattern has a '/', a custom domain's none, so the two never meet in
// the key. Without a worker_tag no Worker answers there.
const Migration kMigrationHostRoutes = {"host routes", R"sql(
CREATE TABLE host_routes (
  pattern TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, account_id TEXT NOT NULL REFERENCES accounts(id),
  worker_tag TEXT REFERENCES workers(tag), whole_host INTEGER NOT NULL,
  enabled INTEGER NOT NULL, created_on INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX host_routes_id ON host_routes (id);
CREATE INDEX host_routes_account ON host_routes (account_id, pattern);
CREATE INDEX host_routes_worker ON host_routes (worker_tag, pattern);

CREATE TRIGGER host_routes_inserted AFTER INSERT ON host_routes BEGIN
  UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER host_routes_updated AFTER UPDATE ON host_routes BEGIN
  UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER host_routes_deleted AFTER DELETE ON host_routes BEGIN
  UPDATE change_numbers SET routes = routes + 1; END;
)sql"};

}  // namespace kiln::store::sqlite
