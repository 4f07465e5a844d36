#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// A route as everybody reads it: with what its Worker and its account are called now.
const Migration kMigrationNamedHostRoutes = {"named host routes", R"sql(
CREATE VIEW named_host_routes (pattern, id, account_id, worker_tag, worker_name, whole_host, enabled, created_on, subdomain) AS
  SELECT r.pattern, r.id, r.account_id, r.worker_tag, w.name, r.whole_host, r.enabled, r.created_on, a.subdomain
  FROM host_routes r JOIN accounts a ON a.id = r.account_id LEFT JOIN workers w ON w.tag = r.worker_tag;
)sql"};

}  // namespace kiln::store::sqlite
