#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// The builds that pushes asked a trigger for, by branch; and keys of deliveries by their age.
const Migration kMigrationPushed = {"pushed", R"sql(
CREATE INDEX builds_pushed ON builds (trigger_uuid, branch, number) WHERE source IN ('push', 'pull_request');
CREATE INDEX hook_deliveries_age ON hook_deliveries (received_on);
)sql"};

}  // namespace kiln::store::sqlite
