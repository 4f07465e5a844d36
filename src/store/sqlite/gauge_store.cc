#include "store/sqlite/gauge_store.h"

namespace kiln::store::sqlite {
namespace {

std::int64_t count_in(Query row) {
  return row.step() ? row.integer(0) : 0;
}

std::optional<TimeMs> time_in(Query row) {
  return row.step() ? row.maybe_integer(0) : std::nullopt;
}

}  // namespace

Result<Gauges> SqliteGaugeStore::gauges() {
  return database_.read([&](Connection& db) -> Result<Gauges> {
    Gauges now;
    {
      Query row = db.query(
          "SELECT count(*), min(created_on) FROM builds INDEXED BY builds_waiting WHERE status <> 'stopped' "
          "AND "
          "lease_until IS NULL AND waits_for_approval = 0");
      if (row.step()) {
        now.waiting = row.integer(0);
        now.oldest_waiting = row.maybe_integer(1);
      }
    }
    now.unapproved = count_in(
        db.query("SELECT count(*) FROM builds INDEXED BY builds_unapproved WHERE status <> 'stopped' AND "
                 "waits_for_approval = 1"));
    now.running = count_in(
        db.query("SELECT count(*) FROM builds INDEXED BY builds_lease_end WHERE lease_until IS NOT NULL"));
    // Rows go from the front, so that numbers say how many there are.
    now.outbox = count_in(db.query(
        "SELECT coalesce((SELECT max(number) FROM outbox) - (SELECT min(number) FROM outbox) + 1, 0)"));
    now.oldest_outbox = time_in(db.query("SELECT made_on FROM outbox ORDER BY number LIMIT 1"));
    if (now.oldest_outbox == 0) now.oldest_outbox.reset();
    now.oldest_report =
        time_in(db.query("SELECT min(due_on) FROM reports INDEXED BY reports_due WHERE due_on IS NOT NULL"));
    now.oldest_sink_delivery = time_in(db.query(
        "SELECT min(due) FROM (SELECT (SELECT min(d.due_on) FROM sink_deliveries d INDEXED BY "
        "sink_deliveries_due WHERE d.sink_number = s.number AND d.due_on IS NOT NULL) AS due FROM sinks s)"));
    now.traces = count_in(db.query("SELECT count(*) FROM traces_due"));
    return now;
  });
}

}  // namespace kiln::store::sqlite
