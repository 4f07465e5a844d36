// Moves that come from outside the runner: a person cancels, a lease ends.
#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/build_queue.h"
#include "store/sqlite/build_rows.h"
#include "store/sqlite/change_rows.h"
#include "store/sqlite/lease_rows.h"
#include "store/sqlite/log_rows.h"
#include "store/sqlite/story_rows.h"

namespace kiln::store::sqlite {
namespace {

struct Lost {
  std::int64_t number = 0;
  Uuid uuid;
  int attempt = 0;
  bool may_have_deployed = false;
  bool deployed = false;
};

Lost lost_of(const Query& row) {
  return {row.integer(0), row.uuid(1), static_cast<int>(row.integer(2)), row.integer(3) != 0,
          row.integer(4) != 0};
}

std::vector<Lost> oldest_first(std::vector<Lost> lost) {
  std::sort(lost.begin(), lost.end(), [](const Lost& a, const Lost& b) { return a.number < b.number; });
  return lost;
}

// A version that exists counts as a deploy, whichever command uploaded it.
std::vector<Lost> lost_by_runner(Connection& db, const std::string& runner_id) {
  std::vector<Lost> out;
  Query rows = db.query(
      "SELECT number, uuid, attempt, deploy_started OR EXISTS (SELECT 1 FROM version_builds WHERE "
      "build_number = number), "
      "deploy_completed "
      "FROM builds INDEXED BY builds_lease_end WHERE lease_until IS NOT NULL AND runner_id = ?");
  rows.bind(runner_id);
  while (rows.step()) out.push_back(lost_of(rows));
  return oldest_first(std::move(out));
}

std::vector<Lost> lost_by_time(Connection& db, TimeMs now) {
  std::vector<Lost> out;
  Query rows = db.query(
      "SELECT number, uuid, attempt, deploy_started OR EXISTS (SELECT 1 FROM version_builds WHERE "
      "build_number = number), "
      "deploy_completed "
      "FROM builds WHERE lease_until IS NOT NULL AND lease_until <= ?");
  rows.bind(now);
  while (rows.step()) out.push_back(lost_of(rows));
  return oldest_first(std::move(out));
}

void requeue(Connection& db, const Lost& lost, TimeMs now, int max_attempts) {
  db.query(
        "UPDATE builds SET lease_until = NULL, api_token_hash = NULL, modified_on = max(modified_on, ?) "
        "WHERE number = ?")
      .bind(now)
      .bind(lost.number)
      .run();
  stop_steps(db, lost.number, now);
  add_server_lines(
      db, lost.uuid,
      {{now, fmt::format("The runner of this build was lost; the build starts again (attempt {} of {}).",
                         lost.attempt + 1, max_attempts)}});
}

// What is known of its uploads, as a sentence.
std::string uploads_of(Connection& db, std::int64_t number) {
  const std::optional<BuildRow> row = load_row(db, number);
  std::string names;
  if (row) {
    for (const Uuid& version : row->build.version_ids) names += (names.empty() ? "" : ", ") + version.str();
  }
  if (names.empty()) return "No version of this build is known.";
  return fmt::format("By then it had uploaded {} {}.",
                     row->build.version_ids.size() == 1 ? "version" : "the versions", names);
}

void terminate(Connection& db, const Lost& lost, TimeMs now, const Sealing& sealing) {
  std::string why;
  if (lost.may_have_deployed) {
    why = fmt::format(
        "Build was terminated: its runner was lost before it could tell how the deploy command ended, so it "
        "is not run again. {} Retry it if that is not what should be live.",
        uploads_of(db, lost.number));
  } else if (lost.attempt == 1) {
    why = "Build was terminated: its runner was lost.";
  } else {
    why = fmt::format("Build was terminated: its runner was lost in each of its {} attempts.", lost.attempt);
  }
  stop_build(db, lost.number, model::BuildOutcome::terminated, false, now,
             {why, {}, model::EndCause::runner_lost}, sealing);
  add_server_lines(db, lost.uuid, {{now, std::move(why)}});
}

// All that could change its end had happened, and was told.
void complete(Connection& db, const Lost& lost, TimeMs now, const Sealing& sealing) {
  stop_build(db, lost.number, model::BuildOutcome::success, false, now, {}, sealing);
  add_server_lines(
      db, lost.uuid,
      {{now,
        "The runner of this build was lost after the deploy command had completed. What was left to "
        "do was to keep caches; the last lines of this log may be missing."},
       {now, "Success! Build completed."}});
}

void tell_of_loss(Connection& db, const Lost& lost, TimeMs now) {
  db.query("INSERT INTO outbox (build_number, move, made_on) VALUES (?, 'runner_lost', ?)")
      .bind(lost.number)
      .bind(now)
      .run();
}

}  // namespace

Result<TimeMs> SqliteBuildQueue::cancel(const std::string& account_id, const Uuid& build,
                                        const std::string& line) {
  return database_.write([&](Connection& db) -> Result<TimeMs> {
    Query row = db.query("SELECT number, status, outcome FROM builds WHERE uuid = ? AND account_id = ?");
    if (!row.bind(build).bind(account_id).step()) {
      return fail(Errc::not_found, fmt::format("there is no build {}", build.str()), "build_uuid");
    }
    const std::optional<model::BuildStatus> status = model::parse_build_status(row.text(1));
    if (!status) throw SqlError(SQLITE_CORRUPT, "a stored build's status is damaged");
    if (!model::may_move(*status, model::BuildStatus::stopped)) {
      return fail(Errc::conflict, fmt::format("build {} is over already ({})", build.str(), row.text(2)),
                  "build_uuid");
    }
    const TimeMs stopped = stop_build(db, row.integer(0), model::BuildOutcome::cancelled, false,
                                      database_.now(), {line, {}}, {box_, entropy_});
    add_server_lines(db, build, {{stopped, line}});
    return stopped;
  });
}

Status SqliteBuildQueue::approve(const std::string& account_id, const Uuid& build, const std::string& line) {
  return database_.write([&](Connection& db) -> Status {
    Query row = db.query(
        "SELECT number, status, outcome, waits_for_approval FROM builds WHERE uuid = ? AND account_id = ?");
    if (!row.bind(build).bind(account_id).step()) {
      return fail(Errc::not_found, fmt::format("there is no build {}", build.str()), "build_uuid");
    }
    if (row.text(1) == to_string(model::BuildStatus::stopped)) {
      return fail(
          Errc::conflict,
          fmt::format("build {} is over already ({}); a newer push of its pull request has a build of "
                      "its own",
                      build.str(), row.text(2)),
          "build_uuid");
    }
    if (row.integer(3) == 0) {
      return fail(Errc::conflict, fmt::format("build {} does not wait for approval", build.str()),
                  "build_uuid");
    }
    const TimeMs now = database_.now();
    db.query("UPDATE builds SET waits_for_approval = 0, modified_on = max(modified_on, ?) WHERE number = ?")
        .bind(now)
        .bind(row.integer(0))
        .run();
    add_server_lines(db, build, {{now, line}});
    note_changed_build(db, build);
    return {};
  });
}

Result<Recovered> SqliteBuildQueue::recover(const std::optional<std::string>& runner_id, int max_attempts) {
  return database_.write([&](Connection& db) -> Result<Recovered> {
    Recovered out;
    const TimeMs now = database_.now();
    for (const Lost& lost : runner_id ? lost_by_runner(db, *runner_id) : lost_by_time(db, now)) {
      tell_of_loss(db, lost, now);
      if (lost.deployed) {
        complete(db, lost, now, {box_, entropy_});
        out.completed.push_back(lost.uuid);
      } else if (lost.may_have_deployed || lost.attempt >= max_attempts) {
        terminate(db, lost, now, {box_, entropy_});
        out.terminated.push_back(lost.uuid);
      } else {
        requeue(db, lost, now, max_attempts);
        out.requeued.push_back(lost.uuid);
      }
    }
    return out;
  });
}

}  // namespace kiln::store::sqlite
