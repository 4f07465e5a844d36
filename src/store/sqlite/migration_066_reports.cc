#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Of a report, refusals counts what the host has refused one after the other. A host that limits rests until
// a time, and so many times it has done so one after the other; a sink rests likewise. Of a build that was
// terminated, end_cause is why, in one word; empty where nobody said.
const Migration kMigrationReports = {"reports", R"sql(
ALTER TABLE reports ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
CREATE TABLE report_rests (
  host TEXT PRIMARY KEY, rests_until INTEGER NOT NULL, limits INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE sinks ADD COLUMN rests_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE builds ADD COLUMN end_cause TEXT NOT NULL DEFAULT '';
)sql"};

}  // namespace kiln::store::sqlite
