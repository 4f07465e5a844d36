// A restored database must not go on as if nothing had happened.
#include <vector>

#include "store/sqlite/lease_rows.h"
#include "store/sqlite/log_rows.h"
#include "store/sqlite/upkeep/snapshot_store.h"

namespace kiln::store::sqlite {
namespace {

struct OpenBuild {
  std::int64_t number = 0;
  Uuid uuid;
  bool deployed = false;
};

std::vector<OpenBuild> open_builds(Connection& db) {
  std::vector<OpenBuild> out;
  Query rows =
      db.query("SELECT number, uuid, deploy_completed FROM builds WHERE status <> 'stopped' ORDER BY number");
  while (rows.step()) out.push_back({rows.integer(0), rows.uuid(1), rows.integer(2) != 0});
  return out;
}

void close_build(Connection& db, const OpenBuild& build, const std::string& reason, TimeMs now,
                 const Sealing& sealing) {
  const model::BuildOutcome outcome =
      build.deployed ? model::BuildOutcome::success : model::BuildOutcome::terminated;
  const model::EndWords words = build.deployed ? model::EndWords{} : model::EndWords{reason, {}};
  const TimeMs stopped = stop_build(db, build.number, outcome, false, now, words, sealing);
  std::vector<model::LogLine> lines = {{stopped, reason}};
  if (build.deployed) lines.push_back({stopped, "Success! Build completed."});
  add_server_lines(db, build.uuid, lines);
}

}  // namespace

Result<Settled> SqliteSnapshotStore::settle_restored(const std::string& reason) {
  return database_.write([&](Connection& db) -> Result<Settled> {
    Settled out;
    const TimeMs now = database_.now();
    db.query("DELETE FROM outbox").run();
    out.reports_dropped = db.changes();
    db.query(
          "UPDATE reports SET due_on = NULL, told = wanted, error = '', attempts = 0 WHERE due_on IS NOT "
          "NULL")
        .run();
    out.reports_dropped += db.changes();
    db.query("UPDATE sink_deliveries SET state = 'parked', due_on = NULL, error = ? WHERE due_on IS NOT NULL")
        .bind(reason)
        .run();
    out.reports_dropped += db.changes();
    // The original may have called its Workers with these since.
    db.query(
          "UPDATE queues SET paused = 1 WHERE paused = 0 AND backlog_count > 0 AND number IN (SELECT "
          "queue_number FROM queue_consumers WHERE kind = 'worker')")
        .run();
    out.queues_paused = db.changes();
    for (const OpenBuild& build : open_builds(db)) {
      close_build(db, build, reason, now, {box_, entropy_});
      ++out.builds_closed;
    }
    // What the closing itself would have told.
    db.query("DELETE FROM outbox").run();
    db.query("DELETE FROM login_codes").run();
    out.blobs = load_named_blobs(db);
    return out;
  });
}

}  // namespace kiln::store::sqlite
