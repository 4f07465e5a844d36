#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// What waits can be counted from an index alone, without a look at what is over, and builds whose trace a
// collector is still to be told.
const Migration kMigrationTelemetry = {"telemetry", R"sql(
CREATE INDEX builds_waiting ON builds (created_on, status, lease_until, waits_for_approval)
  WHERE status <> 'stopped' AND lease_until IS NULL AND waits_for_approval = 0;
CREATE INDEX builds_unapproved ON builds (status, waits_for_approval)
  WHERE status <> 'stopped' AND waits_for_approval = 1;

CREATE TABLE traces_due (
  build_uuid BLOB PRIMARY KEY, due_on INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX traces_due_on ON traces_due (due_on);
)sql"};

}  // namespace kiln::store::sqlite
