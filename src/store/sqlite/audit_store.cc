#include "store/sqlite/audit_store.h"

#include <limits>

#include "store/sqlite/audit_rows.h"

namespace kiln::store::sqlite {
namespace {

model::AuditEntry audit_entry_of(const Query& row) {
  return {row.integer(0), row.text(1), row.integer(2), {row.text(3), row.text(4), row.text(5)},
          row.text(6),    row.text(7), row.text(8),    row.text(9),
          row.text(10)};
}

}  // namespace

Result<std::vector<model::AuditEntry>> SqliteAuditStore::entries(const model::AuditFilter& filter,
                                                                 std::optional<std::int64_t> below,
                                                                 int most) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::AuditEntry>> {
    Query row = filter.account_id
                    ? db.query(
                          "SELECT number, account_id, made_on, who_kind, who_id, who_name, address, action, "
                          "target, request_id, changes_json FROM audit WHERE number < ?1 AND made_on >= ?2 "
                          "AND made_on < ?3 AND (?4 = '' OR action = ?4) AND (?5 = '' OR ?5 IN (who_kind, "
                          "who_id, who_name)) AND (?6 = '' OR instr(target, ?6) > 0 OR instr(changes_json, "
                          "?6) > 0) AND account_id = ?8 ORDER BY number DESC LIMIT ?7")
                    : db.query(
                          "SELECT number, account_id, made_on, who_kind, who_id, who_name, address, action, "
                          "target, request_id, changes_json FROM audit WHERE number < ?1 AND made_on >= ?2 "
                          "AND made_on < ?3 AND (?4 = '' OR action = ?4) AND (?5 = '' OR ?5 IN (who_kind, "
                          "who_id, who_name)) AND (?6 = '' OR instr(target, ?6) > 0 OR instr(changes_json, "
                          "?6) > 0) ORDER BY number DESC LIMIT ?7");
    row.bind(below.value_or(std::numeric_limits<std::int64_t>::max()))
        .bind(filter.since.value_or(std::numeric_limits<TimeMs>::min()))
        .bind(filter.until.value_or(std::numeric_limits<TimeMs>::max()))
        .bind(filter.action)
        .bind(filter.who)
        .bind(filter.target)
        .bind(most);
    if (filter.account_id) row.bind(*filter.account_id);
    std::vector<model::AuditEntry> found;
    while (row.step()) found.push_back(audit_entry_of(row));
    return found;
  });
}

Status SqliteAuditStore::note(const Act& act) {
  return database_.write([&](Connection& db) -> Status {
    insert_audit_row(db, act, database_.now(), "[]");
    return {};
  });
}

Result<int> SqliteAuditStore::forget(TimeMs before, int most) {
  return database_.write([&](Connection& db) -> Result<int> {
    db.query("UPDATE audit_retention SET keep_from = ? WHERE only = 1").bind(before).run();
    db.query("DELETE FROM audit WHERE number IN (SELECT number FROM audit WHERE made_on < ? LIMIT ?)")
        .bind(before)
        .bind(most)
        .run();
    return db.changes();
  });
}

}  // namespace kiln::store::sqlite
