// What the runner that holds a build reports about it: alive, a step, log lines, the end.
#include <fmt/format.h>

#include "store/sqlite/build_queue.h"
#include "store/sqlite/build_rows.h"
#include "store/sqlite/lease_rows.h"
#include "store/sqlite/log_rows.h"
#include "store/sqlite/story_rows.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {
namespace {

bool makes_running(model::Step step) {
  switch (step) {
    case model::Step::checkout:
    case model::Step::tools:
      return false;
    case model::Step::install:
    case model::Step::build:
    case model::Step::deploy:
    case model::Step::deployed:
      return true;
  }
  return false;
}

// Believes that the build uploaded a version which nobody has uploaded or claimed before. False when refused.
bool claim_version(Connection& db, const Uuid& version, const Uuid& build, TimeMs now) {
  Query uploaded = db.query("SELECT 1 FROM versions WHERE id = ?");
  if (uploaded.bind(version).step()) return false;
  if (map_version(db, {version}, build, now)) return true;
  Query again = db.query(
      "SELECT 1 FROM version_builds v JOIN builds b ON b.number = v.build_number WHERE v.version_id = ? AND "
      "b.uuid = ?");
  return again.bind(version).bind(build).step();
}

}  // namespace

Status SqliteBuildQueue::renew(const Uuid& build, const Uuid& lease, TimeMs lease_ms) {
  return database_.write([&](Connection& db) -> Status {
    const Holding holding = holding_of(db, build, lease);
    if (!holding.live) return lease_lost(build);
    db.query("UPDATE builds SET lease_until = max(lease_until, ?) WHERE number = ?")
        .bind(database_.now() + lease_ms)
        .bind(holding.number)
        .run();
    return {};
  });
}

Result<model::RepoConnection> SqliteBuildQueue::leased_connection(const Uuid& build, const Uuid& lease) {
  return database_.read([&](Connection& db) -> Result<model::RepoConnection> {
    const Holding holding = holding_of(db, build, lease);
    if (!holding.live) return lease_lost(build);
    Query row = db.query(
        "SELECT t.connection_uuid FROM builds b CROSS JOIN triggers t ON t.uuid = b.trigger_uuid "
        "WHERE b.number = ?");
    std::optional<model::RepoConnection> found;
    if (row.bind(holding.number).step()) found = load_connection(db, row.uuid(0));
    if (!found) throw SqlError(SQLITE_CORRUPT, "a build's repository connection is missing");
    return *std::move(found);
  });
}

Status SqliteBuildQueue::enter_step(const Uuid& build, const Uuid& lease, model::Step step) {
  return database_.write([&](Connection& db) -> Status {
    const Holding holding = holding_of(db, build, lease);
    if (!holding.live) return lease_lost(build);
    if (!makes_running(step)) return {};
    db.query(
          "UPDATE builds SET status = 'running', running_on = coalesce(running_on, max(modified_on, ?1)), "
          "modified_on = max(modified_on, ?1), deploy_started = max(deploy_started, ?2), "
          "deploy_completed = max(deploy_completed, ?3) WHERE number = ?4")
        .bind(database_.now())
        .bind(step == model::Step::deploy || step == model::Step::deployed)
        .bind(step == model::Step::deployed)
        .bind(holding.number)
        .run();
    return {};
  });
}

Status SqliteBuildQueue::append_log(const Uuid& build, const Uuid& lease, int seq,
                                    const std::vector<model::LogChunk>& chunks,
                                    const model::StoryNotes& story) {
  return database_.write([&](Connection& db) -> Status {
    const Holding holding = holding_of(db, build, lease);
    // The last lines may come after the end that the same attempt reported.
    if (!holding.live && !holding.ended_by_it) return lease_lost(build);
    const std::int64_t last = last_log_seq(db, build, lease.raw());
    if (seq < 1 || seq > last + 1) {
      return fail(Errc::conflict,
                  fmt::format("log chunk {} of build {} came where chunk {} belongs; send that one first",
                              seq, build.str(), last + 1),
                  "seq");
    }
    std::int64_t number = seq;
    for (const model::LogChunk& chunk : chunks) {
      if (number > last) add_log_chunk(db, build, lease.raw(), number, chunk);
      ++number;
    }
    if (!story.empty()) {
      const std::int64_t before = lines_before_writer(db, build, lease.raw());
      keep_story(db, holding.number, holding.attempt, before, story);
    }
    return {};
  });
}

Result<Uploads> SqliteBuildQueue::uploads(const Uuid& build, const Uuid& lease,
                                          const std::vector<Uuid>& claims) {
  return database_.write([&](Connection& db) -> Result<Uploads> {
    const Holding holding = holding_of(db, build, lease);
    if (!holding.live) return lease_lost(build);
    Uploads out;
    for (const Uuid& version : claims) {
      if (!claim_version(db, version, build, database_.now())) out.refused.push_back(version);
    }
    if (const std::optional<BuildRow> row = load_row(db, holding.number)) {
      out.versions = static_cast<int>(row->build.version_ids.size());
    }
    return out;
  });
}

Status SqliteBuildQueue::finish(const Uuid& build, const Uuid& lease, model::BuildOutcome outcome,
                                const model::BuildUsage& usage,
                                const std::optional<model::LogLine>& last_line,
                                const model::EndWords& words) {
  return database_.write([&](Connection& db) -> Status {
    const Holding holding = holding_of(db, build, lease);
    if (holding.ended_by_it && holding.outcome == outcome) return {};
    if (!holding.live) return lease_lost(build);
    stop_build(db, holding.number, outcome, true, database_.now(), words, {box_, entropy_});
    if (usage != model::BuildUsage{}) note_usage(db, holding.number, usage);
    if (last_line) add_server_lines(db, build, {*last_line});
    return {};
  });
}

}  // namespace kiln::store::sqlite
