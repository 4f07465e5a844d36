#include "store/sqlite/trace_store.h"

namespace kiln::store::sqlite {

Result<std::optional<TimeMs>> SqliteTraceStore::due_on() {
  return database_.read([&](Connection& db) -> Result<std::optional<TimeMs>> {
    Query row = db.query("SELECT due_on FROM traces_due INDEXED BY traces_due_on ORDER BY due_on LIMIT 1");
    if (!row.step()) return std::nullopt;
    return row.integer(0);
  });
}

Result<std::optional<DueTrace>> SqliteTraceStore::next() {
  return database_.read([&](Connection& db) -> Result<std::optional<DueTrace>> {
    Query row = db.query(
        "SELECT t.build_uuid, t.attempts, b.account_id FROM traces_due t INDEXED BY traces_due_on LEFT JOIN "
        "builds b ON b.uuid = t.build_uuid WHERE t.due_on <= ? ORDER BY t.due_on LIMIT 1");
    if (!row.bind(database_.now()).step()) return std::nullopt;
    return DueTrace{row.uuid(0), row.text(2), static_cast<int>(row.integer(1))};
  });
}

Status SqliteTraceStore::done(const Uuid& build) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM traces_due WHERE build_uuid = ?").bind(build).run();
    return {};
  });
}

Status SqliteTraceStore::postpone(const Uuid& build, TimeMs wait_ms) {
  return database_.write([&](Connection& db) -> Status {
    const TimeMs until = database_.now() + wait_ms;
    db.query("UPDATE traces_due SET attempts = attempts + 1, due_on = ? WHERE build_uuid = ?")
        .bind(until)
        .bind(build)
        .run();
    return {};
  });
}

void put_trace(Connection& db, const Uuid& build, TimeMs now) {
  db.query("INSERT INTO traces_due (build_uuid, due_on) VALUES (?, ?) ON CONFLICT (build_uuid) DO NOTHING")
      .bind(build)
      .bind(now)
      .run();
}

}  // namespace kiln::store::sqlite
