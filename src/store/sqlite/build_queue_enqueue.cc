// Taking a delivery in: its key, the superseded and the new builds, the ended previews and every trigger's
// verdict in one transaction.
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "store/sqlite/build_queue.h"
#include "store/sqlite/build_rows.h"
#include "store/sqlite/delivery_rows.h"
#include "store/sqlite/deploy_hook_rows.h"
#include "store/sqlite/lease_rows.h"
#include "store/sqlite/log_rows.h"
#include "store/sqlite/preview_rows.h"
#include "store/sqlite/rows_json.h"
#include "store/sqlite/story_rows.h"

namespace kiln::store::sqlite {
namespace {

constexpr std::size_t kUuidBytes = 16;

std::optional<std::vector<Uuid>> taken_before(Connection& db, const Intake& intake) {
  if (intake.delivery_id.empty()) return std::nullopt;
  Query row = db.query("SELECT builds FROM hook_deliveries WHERE provider = ? AND delivery_id = ?");
  if (!row.bind(intake.provider).bind(intake.delivery_id).step()) return std::nullopt;
  const std::string raw = row.text(0);
  std::vector<Uuid> builds;
  for (std::size_t at = 0; at < raw.size(); at += kUuidBytes) {
    const std::optional<Uuid> uuid = Uuid::from_raw(std::string_view(raw).substr(at, kUuidBytes));
    if (!uuid) throw SqlError(SQLITE_CORRUPT, "a stored delivery's builds are damaged");
    builds.push_back(*uuid);
  }
  return builds;
}

void remember_delivery(Connection& db, const Intake& intake, const std::vector<Uuid>& builds, TimeMs now) {
  // One that made nothing may make something when it comes again.
  if (intake.delivery_id.empty() || (builds.empty() && intake.gone.empty())) return;
  std::string raw;
  for (const Uuid& uuid : builds) raw += uuid.raw();
  db.query("INSERT INTO hook_deliveries (provider, delivery_id, received_on, builds) VALUES (?, ?, ?, ?)")
      .bind(intake.provider)
      .bind(intake.delivery_id)
      .bind(now)
      .bind_blob(raw)
      .run();
}

bool was_overtaken(Connection& db, const std::vector<KnownOf>& known) {
  return std::any_of(known.begin(), known.end(), [&](const KnownOf& one) {
    const std::optional<LastTold> last = last_told(db, one.connection, one.branch);
    return (last ? last->mark : LastTold::Mark()) != one.mark;
  });
}

struct Waiting {
  std::int64_t number = 0;
  Uuid uuid;
  bool for_approval = false;
  std::string pull_request_url;
};

// Builds of that trigger and branch that no runner has ever had.
std::vector<Waiting> waiting_of(Connection& db, const Uuid& trigger, const std::string& branch) {
  std::vector<Waiting> out;
  Query rows = db.query(
      "SELECT number, uuid, waits_for_approval, coalesce(pull_request_json ->> '$.url', '') FROM builds "
      "WHERE trigger_uuid = ? AND branch = ? AND status "
      "<> "
      "'stopped' AND status = 'queued' AND attempt = 0 ORDER BY number");
  rows.bind(trigger).bind(branch);
  while (rows.step()) out.push_back({rows.integer(0), rows.uuid(1), rows.integer(2) != 0, rows.text(3)});
  return out;
}

// The waiting builds of a gone branch, which nobody can want any more.
void cancel_waiting(Connection& db, const GoneBranch& gone, TimeMs now, const Sealing& sealing,
                    std::vector<Uuid>& cancelled) {
  std::vector<Uuid> triggers;
  {
    Query rows = db.query("SELECT uuid FROM triggers WHERE connection_uuid = ? AND deleted_on IS NULL");
    rows.bind(gone.connection);
    while (rows.step()) triggers.push_back(rows.uuid(0));
  }
  for (const Uuid& trigger : triggers) {
    for (const Waiting& waiting : waiting_of(db, trigger, gone.branch)) {
      if (!gone.pull_request_url.empty() && waiting.pull_request_url != gone.pull_request_url) continue;
      const std::string line = fmt::format("Build was cancelled: {}.", gone.why);
      const TimeMs stopped =
          stop_build(db, waiting.number, model::BuildOutcome::cancelled, false, now, {line, {}}, sealing);
      add_server_lines(db, waiting.uuid, {{stopped, line}});
      cancelled.push_back(waiting.uuid);
    }
  }
}

void supersede(Connection& db, std::int64_t number, const Uuid& older, const model::Build& newer,
               TimeMs now) {
  db.query(
        "UPDATE builds SET status = 'stopped', outcome = 'skipped', stopped_on = max(modified_on, ?1), "
        "modified_on = max(modified_on, ?1), secrets_sealed = NULL WHERE number = ?2")
      .bind(now)
      .bind(number)
      .run();
  const std::string why = fmt::format("Skipped: superseded by build {} of a newer push ({}).",
                                      newer.uuid.str(), newer.metadata.commit_hash.substr(0, 7));
  keep_end_words(db, number, {why, {}});
  add_server_lines(db, older, {{now, why}});
}

// The build's place among its Worker's, from 1.
std::int64_t next_ordinal(Connection& db, const model::Build& build) {
  Query row = db.query(
      "INSERT INTO build_counts (account_id, worker_tag, last_ordinal) VALUES (?, ?, 1) "
      "ON CONFLICT (account_id, worker_tag) DO UPDATE SET last_ordinal = last_ordinal + 1 RETURNING "
      "last_ordinal");
  if (!row.bind(build.account_id).bind(build.worker_tag).step()) {
    throw SqlError(SQLITE_INTERNAL, "an upsert returned nothing");
  }
  const std::int64_t ordinal = row.integer(0);
  row.run();
  return ordinal;
}

// Hostile bytes (a commit message, say) must not make a text that cannot be read back.
void bind_metadata(Query& insert, const model::BuildMetadata& metadata) {
  insert.bind(to_string(metadata.source))
      .bind(to_valid_utf8(metadata.commit_hash))
      .bind(to_valid_utf8(metadata.commit_message))
      .bind(to_valid_utf8(metadata.author))
      .bind(to_valid_utf8(metadata.build_command))
      .bind(to_valid_utf8(metadata.deploy_command))
      .bind(to_valid_utf8(metadata.root_directory))
      .bind(metadata.build_token_uuid)
      .bind(to_valid_utf8(metadata.build_token_name))
      .bind(to_valid_utf8(metadata.repo_name))
      .bind(to_valid_utf8(metadata.provider_account_name))
      .bind(to_valid_utf8(metadata.provider_type))
      .bind(environment_to_json(metadata.environment));
}

void insert_build(Connection& db, const NewBuild& fresh, const std::optional<std::string>& secrets_sealed) {
  const model::Build& build = fresh.build;
  Query insert = db.query(
      "INSERT INTO builds (uuid, account_id, worker_tag, trigger_uuid, branch, status, outcome, created_on, "
      "modified_on, stopped_on, source, commit_hash, commit_message, author, build_command, deploy_command, "
      "root_directory, build_token_uuid, build_token_name, repo_name, provider_account_name, provider_type, "
      "environment_json, pull_request_json, ordinal, restricted, unreported, waits_for_approval, "
      "secrets_sealed) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(build.uuid)
      .bind(build.account_id)
      .bind(build.worker_tag)
      .bind(build.trigger_uuid)
      .bind(to_valid_utf8(build.metadata.branch))
      .bind(to_string(build.status));
  if (build.outcome) {
    insert.bind(to_string(*build.outcome));
  } else {
    insert.bind_null();
  }
  insert.bind(build.created_on).bind(std::max(build.created_on, build.modified_on)).bind(build.stopped_on);
  bind_metadata(insert, build.metadata);
  insert.bind(pull_request_to_json(build.pull_request))
      .bind(next_ordinal(db, build))
      .bind(build.restricted)
      .bind(build.unreported)
      .bind(build.waits_for_approval);
  if (secrets_sealed) {
    insert.bind_blob(*secrets_sealed);
  } else {
    insert.bind_null();
  }
  insert.run();
  if (model::is_over(build.status) && !fresh.first_log.empty())
    keep_end_words(db, db.last_row(), {fresh.first_log.front().text, {}});
  add_server_lines(db, build.uuid, fresh.first_log);
}

Status check_new(const NewBuild& fresh) {
  const model::Build& build = fresh.build;
  const bool queued = build.status == model::BuildStatus::queued && !build.outcome && !build.stopped_on;
  const bool skipped = build.status == model::BuildStatus::stopped &&
                       build.outcome == model::BuildOutcome::skipped && build.stopped_on;
  if (queued || skipped) return {};
  return fail(Errc::internal,
              fmt::format("build {} is neither queued nor skipped as it is taken in", build.uuid.str()));
}

}  // namespace

Result<IntakeResult> SqliteBuildQueue::enqueue(const Intake& intake) {
  for (const NewBuild& fresh : intake.builds) {
    if (Status ok = check_new(fresh); !ok) return tl::unexpected<Error>(ok.error());
  }
  return database_.write([&](Connection& db) -> Result<IntakeResult> {
    IntakeResult result;
    const TimeMs now = database_.now();
    if (std::optional<std::vector<Uuid>> before = taken_before(db, intake)) {
      result.duplicate = true;
      result.builds = std::move(*before);
      count_repeated(db, intake.provider, intake.delivery_id);
      return result;
    }
    result.overtaken = was_overtaken(db, intake.known);
    if (result.overtaken) return result;
    if (intake.hook) {
      Result<std::optional<model::Build>> waiting = look_before_hook_build(db, *intake.hook, now);
      if (!waiting) return tl::unexpected<Error>(waiting.error());
      result.waiting = std::move(*waiting);
      if (result.waiting) return result;
    }
    for (const GoneBranch& gone : intake.gone) {
      cancel_waiting(db, gone, now, {box_, entropy_}, result.cancelled);
    }
    for (const NewBuild& fresh : intake.builds) {
      if (model::is_over(fresh.build.status)) continue;
      for (const Waiting& older : waiting_of(db, fresh.build.trigger_uuid, fresh.build.metadata.branch)) {
        if (!intake.supersede && !(older.for_approval && fresh.build.waits_for_approval)) continue;
        supersede(db, older.number, older.uuid, fresh.build, now);
        result.superseded.push_back(older.uuid);
      }
    }
    for (const NewBuild& fresh : intake.builds) {
      std::optional<std::string> sealed;
      if (!fresh.secrets.empty() && !model::is_over(fresh.build.status)) {
        sealed = box_.seal(secrets_to_json(fresh.secrets), entropy_);
      }
      insert_build(db, fresh, sealed);
      result.builds.push_back(fresh.build.uuid);
      if (!intake.hook) continue;
      if (Status noted = note_hook_build(db, *intake.hook, fresh.build, now); !noted) {
        return tl::unexpected<Error>(noted.error());
      }
    }
    for (const GoneBranch& gone : intake.gone) {
      for (EndedPreviews& ended : end_branch(db, gone)) result.ended.push_back(std::move(ended));
    }
    remember_delivery(db, intake, result.builds, now);
    if (intake.delivery) keep_delivery(db, *intake.delivery, intake.delivery_id, now);
    return result;
  });
}

Result<std::optional<LastTold>> SqliteBuildQueue::last_told(const model::RepoConnection& connection,
                                                            const std::string& branch) {
  return database_.read([&](Connection& db) -> Result<std::optional<LastTold>> {
    return sqlite::last_told(db, connection, branch);
  });
}

Result<Told> SqliteBuildQueue::told_before(const model::RepoConnection& connection, const ToldMove& move) {
  return database_.read(
      [&](Connection& db) -> Result<Told> { return sqlite::told_before(db, connection, move); });
}

Result<std::vector<std::string>> SqliteBuildQueue::moved_on_from(const model::RepoConnection& connection,
                                                                 const std::string& branch,
                                                                 const std::string& commit) {
  return database_.read([&](Connection& db) -> Result<std::vector<std::string>> {
    return sqlite::moved_on_from(db, connection, branch, commit);
  });
}

Result<std::optional<model::Build>> SqliteBuildQueue::look_before_hook(const HookStart& start) {
  return database_.read([&](Connection& db) { return look_before_hook_build(db, start, database_.now()); });
}

}  // namespace kiln::store::sqlite
