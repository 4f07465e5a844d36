#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// What the present month's builds have used already is counted; builds are numbered as they were made, so
// that no more than the last month's are looked at.
const Migration kMigrationBuildMinutes = {"build minutes", R"sql(
-- The minutes that the account's builds may use in a month; null: any number.
ALTER TABLE accounts ADD COLUMN build_minutes INTEGER;

-- How long runners held the account's builds that stopped in the month of UTC which begins then.
CREATE TABLE build_time (
  account_id TEXT NOT NULL, month INTEGER NOT NULL, used_ms INTEGER NOT NULL,
  PRIMARY KEY (account_id, month)
) STRICT, WITHOUT ROWID;
INSERT INTO build_time (account_id, month, used_ms)
  SELECT account_id, unixepoch('now', 'start of month') * 1000, sum(stopped_on - initializing_on) FROM builds
  WHERE number > coalesce((SELECT number FROM builds
                           WHERE created_on < unixepoch('now', 'start of month', '-1 day') * 1000
                           ORDER BY number DESC LIMIT 1), 0)
    AND stopped_on >= unixepoch('now', 'start of month') * 1000 AND initializing_on IS NOT NULL
  GROUP BY account_id;
)sql"};

}  // namespace kiln::store::sqlite
