#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// The next and the last run of each cron trigger. Of schedules that were stored before there were runs nobody
// has worked out the next one: 0.
const Migration kMigrationCron = {"cron", R"sql(
CREATE TABLE cron_schedules (
  worker_tag TEXT NOT NULL REFERENCES workers(tag), cron TEXT NOT NULL, due_on INTEGER NOT NULL,
  try_on INTEGER NOT NULL, attempts INTEGER NOT NULL, last_on INTEGER, last_outcome TEXT NOT NULL,
  PRIMARY KEY (worker_tag, cron)
) STRICT, WITHOUT ROWID;
CREATE INDEX cron_schedules_next ON cron_schedules (try_on);

INSERT OR IGNORE INTO cron_schedules
  SELECT w.tag, json_extract(s.value, '$.cron'), 0, 0, 0, NULL, '' FROM workers w,
    json_each(CASE WHEN json_valid(w.schedules_json) THEN w.schedules_json ELSE '[]' END) s
  WHERE w.deleted_on IS NULL AND json_type(s.value, '$.cron') = 'text';
)sql"};

}  // namespace kiln::store::sqlite
