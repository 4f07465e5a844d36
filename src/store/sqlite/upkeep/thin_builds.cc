#include <fmt/format.h>

#include <vector>

#include "store/sqlite/change_rows.h"
#include "store/sqlite/log_rows.h"
#include "store/sqlite/thinned_rows.h"
#include "store/sqlite/upkeep/thinning.h"

namespace kiln::store::sqlite {
namespace {

constexpr int kBuildsAtOnce = 50;
constexpr int kChunksAtOnce = 100;  // of logs, in one transaction

struct OldBuild {
  std::int64_t number = 0;
  Uuid uuid;
  std::int64_t ordinal = 0;
  std::optional<TimeMs> stopped_on;
  std::string branch;
  bool good = false;
  Uuid trigger;
};

std::vector<OldBuild> builds_in(Query rows, const ThinnedWorker& worker, std::int64_t after) {
  std::vector<OldBuild> out;
  rows.bind(worker.account_id).bind(worker.tag).bind(after).bind(kBuildsAtOnce);
  while (rows.step()) {
    out.push_back({rows.integer(0), rows.uuid(1), rows.integer(2), rows.maybe_integer(3), rows.text(4),
                   rows.text(5) == "success", rows.uuid(6)});
  }
  return out;
}

std::int64_t last_ordinal(Connection& db, const ThinnedWorker& worker) {
  Query row = db.query("SELECT last_ordinal FROM build_counts WHERE account_id = ? AND worker_tag = ?");
  return row.bind(worker.account_id).bind(worker.tag).step() ? row.integer(0) : 0;
}

struct Reach {
  TimeMs before = 0;       // what stopped before is too old
  std::int64_t up_to = 0;  // there are enough newer ones of those up to here
};

Reach reach_of(Connection& db, const ThinnedWorker& worker, int days, int most, TimeMs now) {
  return {too_old_before(now, days), most == 0 ? 0 : last_ordinal(db, worker) - most};
}

// Nothing behind a build that is neither is either: they stand in the order in which they were made.
bool is_within(const OldBuild& build, const Reach& reach) {
  return build.ordinal <= reach.up_to || !build.stopped_on || *build.stopped_on < reach.before;
}

BranchBuild of_branch(const OldBuild& build, const ThinnedWorker& worker) {
  return {build.number, worker.account_id, worker.tag, build.branch};
}

std::vector<Uuid> versions_of(Connection& db, std::int64_t number) {
  std::vector<Uuid> out;
  Query rows = db.query("SELECT version_id FROM version_builds WHERE build_number = ?");
  rows.bind(number);
  while (rows.step()) out.push_back(rows.uuid(0));
  return out;
}

bool has_kept_version(Connection& db, const std::vector<Uuid>& versions, const PruneWish& wish) {
  for (const Uuid& version : versions) {
    Query row = db.query("SELECT 1 FROM versions WHERE id = ?");
    if (wish.gone_versions.count(version) == 0 && row.bind(version).step()) return true;
  }
  return false;
}

bool is_reported(Connection& db, const OldBuild& build) {
  Query row = db.query(
      "SELECT 1 FROM reports r JOIN triggers t ON t.connection_uuid = r.connection_uuid WHERE t.uuid = ? AND "
      "r.kind = 'build' AND r.subject = ? AND r.due_on IS NOT NULL");
  return row.bind(build.trigger).bind(build.number).step();
}

void drop_build(Connection& db, const OldBuild& build, const std::vector<Uuid>& versions) {
  db.query("DELETE FROM version_builds WHERE build_number = ?").bind(build.number).run();
  db.query("DELETE FROM build_steps WHERE build_number = ?").bind(build.number).run();
  db.query("DELETE FROM build_tools WHERE build_number = ?").bind(build.number).run();
  db.query("DELETE FROM build_caches WHERE build_number = ?").bind(build.number).run();
  db.query(
        "DELETE FROM reports WHERE connection_uuid = (SELECT connection_uuid FROM triggers WHERE uuid = ?) "
        "AND "
        "kind = 'build' AND subject = ?")
      .bind(build.trigger)
      .bind(build.number)
      .run();
  db.query("DELETE FROM builds WHERE number = ?").bind(build.number).run();
  note_changed_build(db, build.uuid);
  for (const Uuid& version : versions) note_changed_build(db, version);
}

}  // namespace

bool drop_log(Connection& db, const Uuid& build) {
  struct Chunk {
    std::string writer;
    std::int64_t seq;
  };
  std::vector<Chunk> chunks;
  {
    Query rows = db.query("SELECT writer, seq FROM build_logs WHERE build_uuid = ? LIMIT ?");
    rows.bind(build).bind(kChunksAtOnce);
    while (rows.step()) chunks.push_back({rows.text(0), rows.integer(1)});
  }
  for (const Chunk& chunk : chunks) {
    db.query("DELETE FROM build_logs WHERE build_uuid = ? AND writer = ? AND seq = ?")
        .bind(build)
        .bind_blob(chunk.writer)
        .bind(chunk.seq)
        .run();
  }
  return chunks.size() < static_cast<std::size_t>(kChunksAtOnce);
}

void thin_builds(Connection& db, const ThinnedWorker& worker, PruneWish& wish, PruneCursor& cursor,
                 TimeMs now, PruneStep& step) {
  const Reach reach = reach_of(db, worker, wish.keep.build_days, wish.keep.builds, now);
  const std::vector<OldBuild> builds = builds_in(
      db.query(
          "SELECT number, uuid, ordinal, stopped_on, branch, outcome, trigger_uuid FROM builds INDEXED BY "
          "builds_worker WHERE account_id = ? AND worker_tag = ? AND ordinal > ? ORDER BY ordinal LIMIT ?"),
      worker, cursor.after);
  cursor.inside = builds.size() == static_cast<std::size_t>(kBuildsAtOnce);
  Thinned thinned;
  for (const OldBuild& build : builds) {
    if (!is_within(build, reach)) {
      cursor.inside = false;
      break;
    }
    const std::vector<Uuid> versions = versions_of(db, build.number);
    const BranchBuild place = of_branch(build, worker);
    const bool stays = !build.stopped_on || is_newest(db, place) ||
                       (build.good && is_newest_good(db, place)) || has_kept_version(db, versions, wish) ||
                       is_reported(db, build);
    if (!stays && !wish.trial) {
      // A long log goes first, and the build with its last piece.
      if (!drop_log(db, build.uuid)) {
        cursor.inside = true;
        break;
      }
      drop_build(db, build, versions);
      thinned = {build.ordinal, thinned.gone + 1};
    }
    step.gone += stays ? 0 : 1;
    cursor.after = build.ordinal;
  }
  add_thinned(db, worker.account_id, worker.tag, "builds", thinned);
}

void thin_logs(Connection& db, const ThinnedWorker& worker, PruneWish& wish, PruneCursor& cursor, TimeMs now,
               PruneStep& step) {
  const Reach reach = reach_of(db, worker, wish.keep.log_days, wish.keep.logs, now);
  const std::vector<OldBuild> builds = builds_in(
      db.query(
          "SELECT number, uuid, ordinal, stopped_on, branch, outcome, trigger_uuid FROM builds INDEXED BY "
          "builds_logged WHERE account_id = ? AND worker_tag = ? AND log_gone = 0 AND ordinal > ? ORDER BY "
          "ordinal LIMIT ?"),
      worker, cursor.after);
  cursor.inside = builds.size() == static_cast<std::size_t>(kBuildsAtOnce);
  for (const OldBuild& build : builds) {
    if (!is_within(build, reach)) {
      cursor.inside = false;
      break;
    }
    const bool stays = !build.stopped_on || is_newest(db, of_branch(build, worker));
    if (!stays && !wish.trial) {
      if (!drop_log(db, build.uuid)) {
        cursor.inside = true;
        break;
      }
      db.query("UPDATE builds SET log_gone = 1 WHERE number = ?").bind(build.number).run();
      add_server_lines(
          db, build.uuid,
          {{now, "The log of this build was removed, as retention.log_days and retention.logs say."}});
    }
    step.gone += stays ? 0 : 1;
    cursor.after = build.ordinal;
  }
}

}  // namespace kiln::store::sqlite
