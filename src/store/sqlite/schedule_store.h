// store::ScheduleStore on SQLite, and the rows that Workers' schedules are. Owned by app; any thread.
#pragma once

#include "store/schedule_store.h"
#include "store/sqlite/database.h"
#include "store/worker_store.h"

namespace kiln::store::sqlite {

class SqliteScheduleStore final : public ScheduleStore {
 public:
  explicit SqliteScheduleStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<DueSchedules> due(int limit, TimeMs longest_ms) override;
  [[nodiscard]] Status end_run(const std::string& worker_tag, const std::string& cron,
                               const RunEnd& end) override;
  [[nodiscard]] Status retry_run(const std::string& worker_tag, const std::string& cron, TimeMs due_on,
                                 TimeMs delay_ms) override;
  [[nodiscard]] Status drop(const std::string& worker_tag, const std::string& cron) override;

 private:
  Database& database_;
};

// The Worker has these and no others; those that it had keep their next run. Within a transaction.
void replace_schedules(Connection& db, const std::string& worker_tag, const std::vector<NextRun>& schedules);

}  // namespace kiln::store::sqlite
