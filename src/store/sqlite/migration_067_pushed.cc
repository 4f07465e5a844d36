#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// The builds that pushes asked a trigger for, by branch; keys of deliveries by their age; and deliveries of
// repositories that nobody has connected.
const Migration kMigrationPushed = {"pushed", R"sql(
CREATE INDEX builds_pushed ON builds (trigger_uuid, branch, number) WHERE source IN ('push', 'pull_request');
CREATE INDEX hook_deliveries_age ON hook_deliveries (received_on);
CREATE INDEX deliveries_unconnected ON deliveries (account_id, number) WHERE connection_uuid = x'00000000000000000000000000000000';
)sql"};

}  // namespace kiln::store::sqlite
