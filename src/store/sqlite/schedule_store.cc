#include "store/sqlite/schedule_store.h"

#include <algorithm>

namespace kiln::store::sqlite {

Result<DueSchedules> SqliteScheduleStore::due(int limit, TimeMs longest_ms) {
  return database_.read([&](Connection& db) -> Result<DueSchedules> {
    const TimeMs now = database_.now();
    DueSchedules found;
    Query query = db.query(
        "SELECT w.account_id, s.worker_tag, w.name, s.cron, s.due_on, s.attempts FROM cron_schedules s JOIN "
        "workers w ON w.tag = s.worker_tag WHERE s.try_on <= ? ORDER BY s.try_on LIMIT ?");
    query.bind(now).bind(limit);
    while (query.step()) {
      found.now.push_back({query.text(0), query.text(1), query.text(2), query.text(3), query.integer(4),
                           static_cast<int>(query.integer(5))});
    }
    Query next = db.query("SELECT min(try_on) FROM cron_schedules WHERE try_on > ?");
    next.bind(now);
    const bool any = next.step() && !next.is_null(0);
    found.next_in_ms = any ? std::min(next.integer(0) - now, longest_ms) : longest_ms;
    return found;
  });
}

Status SqliteScheduleStore::end_run(const std::string& worker_tag, const std::string& cron,
                                    const RunEnd& end) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE cron_schedules SET due_on = ?, try_on = ?, attempts = 0, last_on = CASE WHEN ? = '' THEN "
          "last_on ELSE ? END, last_outcome = coalesce(nullif(?, ''), last_outcome) WHERE worker_tag = ? AND "
          "cron = ? AND due_on = ?")
        .bind(end.next_on)
        .bind(end.next_on)
        .bind(end.outcome)
        .bind(end.due_on)
        .bind(end.outcome)
        .bind(worker_tag)
        .bind(cron)
        .bind(end.due_on)
        .run();
    return {};
  });
}

Status SqliteScheduleStore::retry_run(const std::string& worker_tag, const std::string& cron, TimeMs due_on,
                                      TimeMs delay_ms) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE cron_schedules SET try_on = ?, attempts = attempts + 1 WHERE worker_tag = ? AND cron = ? "
          "AND due_on = ?")
        .bind(database_.now() + delay_ms)
        .bind(worker_tag)
        .bind(cron)
        .bind(due_on)
        .run();
    return {};
  });
}

Status SqliteScheduleStore::drop(const std::string& worker_tag, const std::string& cron) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM cron_schedules WHERE worker_tag = ? AND cron = ?")
        .bind(worker_tag)
        .bind(cron)
        .run();
    return {};
  });
}

void replace_schedules(Connection& db, const std::string& worker_tag, const std::vector<NextRun>& schedules) {
  std::vector<std::string> gone;
  {
    Query query = db.query("SELECT cron FROM cron_schedules WHERE worker_tag = ?");
    query.bind(worker_tag);
    while (query.step()) {
      const std::string cron = query.text(0);
      const bool stays = std::any_of(schedules.begin(), schedules.end(),
                                     [&](const NextRun& one) { return one.cron == cron; });
      if (!stays) gone.push_back(cron);
    }
  }
  for (const std::string& cron : gone)
    db.query("DELETE FROM cron_schedules WHERE worker_tag = ? AND cron = ?")
        .bind(worker_tag)
        .bind(cron)
        .run();
  for (const NextRun& one : schedules) {
    db.query(
          "INSERT INTO cron_schedules (worker_tag, cron, due_on, try_on, attempts, last_on, last_outcome) "
          "VALUES (?, ?, ?, ?, 0, NULL, '') ON CONFLICT DO NOTHING")
        .bind(worker_tag)
        .bind(one.cron)
        .bind(one.on)
        .bind(one.on)
        .run();
  }
}

}  // namespace kiln::store::sqlite
