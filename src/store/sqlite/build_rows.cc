#include "store/sqlite/build_rows.h"

#include <algorithm>
#include <utility>

#include "store/sqlite/rows_json.h"
#include "store/sqlite/story_rows.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {
namespace {

// The versions in order of upload, and what leads to the build's previews: the last that has one.
void read_versions(Connection& db, std::int64_t number, model::Build& out) {
  out.version_ids.clear();
  out.previewed.reset();
  out.preview_alias.clear();
  Query rows = db.query(
      "SELECT version_id, has_preview, alias FROM version_builds WHERE build_number = ? ORDER BY ordinal");
  rows.bind(number);
  while (rows.step()) {
    out.version_ids.push_back(rows.uuid(0));
    if (rows.integer(1) == 0) continue;
    out.previewed = rows.uuid(0);
    if (const std::string_view alias = rows.view(2); !alias.empty()) out.preview_alias = alias;
  }
}

model::BuildStatus status_of(std::string_view text) {
  const std::optional<model::BuildStatus> status = model::parse_build_status(text);
  if (!status) throw SqlError(SQLITE_CORRUPT, "a stored build's status is damaged");
  return *status;
}

std::optional<model::BuildOutcome> outcome_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::optional<model::BuildOutcome> outcome = model::parse_build_outcome(text);
  if (!outcome) throw SqlError(SQLITE_CORRUPT, "a stored build's outcome is damaged");
  return outcome;
}

model::TriggerSource source_of(std::string_view text) {
  const std::optional<model::TriggerSource> source = model::parse_trigger_source(text);
  if (!source) throw SqlError(SQLITE_CORRUPT, "a stored build's source is damaged");
  return *source;
}

// The columns that begin at 11.
void read_metadata(const Query& row, model::BuildMetadata& out) {
  out.source = source_of(row.view(11));
  out.branch = row.view(12);
  out.commit_hash = row.view(13);
  out.commit_message = row.view(14);
  out.author = row.view(15);
  out.build_command = row.view(16);
  out.deploy_command = row.view(17);
  out.root_directory = row.view(18);
  out.build_token_uuid = row.maybe_uuid(19);
  out.build_token_name = row.view(20);
  out.repo_name = row.view(21);
  out.provider_account_name = row.view(22);
  out.provider_type = row.view(23);
  out.environment = environment_from_json(row.view(24));
}

Query row_with_all(Connection& db, std::int64_t number) {
  Query row = db.query(
      "SELECT uuid, account_id, worker_tag, trigger_uuid, status, outcome, created_on, modified_on, "
      "initializing_on, running_on, stopped_on, source, branch, commit_hash, commit_message, author, "
      "build_command, deploy_command, root_directory, build_token_uuid, build_token_name, repo_name, "
      "provider_account_name, provider_type, environment_json, pull_request_json, restricted, memory_peak, "
      "cpu_ms, written, processes_peak, (SELECT name FROM workers WHERE tag = worker_tag), unreported, "
      "waits_for_approval, attempt, runner_id, lease_until IS NOT NULL, sentence, failed_step, end_cause "
      "FROM builds WHERE number = ?");
  row.bind(number);
  return row;
}

void read_row(Connection& db, std::int64_t number, const Query& row, BuildRow& out) {
  model::Build& build = out.build;
  build.uuid = row.uuid(0);
  build.account_id = row.view(1);
  build.worker_tag = row.view(2);
  build.trigger_uuid = row.uuid(3);
  build.status = status_of(row.view(4));
  build.outcome = outcome_of(row.view(5));
  build.created_on = row.integer(6);
  build.modified_on = row.integer(7);
  build.initializing_on = row.maybe_integer(8);
  build.running_on = row.maybe_integer(9);
  build.stopped_on = row.maybe_integer(10);
  read_metadata(row, build.metadata);
  build.pull_request = pull_request_from_json(row.view(25));
  build.restricted = row.integer(26) != 0;
  build.usage = {row.maybe_integer(27), row.maybe_integer(28), row.maybe_integer(29), row.maybe_integer(30)};
  out.worker_name = row.view(31);
  build.unreported = row.integer(32) != 0;
  build.waits_for_approval = row.integer(33) != 0;
  read_versions(db, number, build);
}

}  // namespace

bool load_row(Connection& db, std::int64_t number, BuildRow& out) {
  Query row = row_with_all(db, number);
  if (!row.step()) return false;
  read_row(db, number, row, out);
  return true;
}

std::optional<BuildNote> find_note(Connection& db, std::int64_t number) {
  BuildNote note;
  note.number = number;
  {
    Query row = row_with_all(db, number);
    if (!row.step()) return std::nullopt;
    read_row(db, number, row, note.row);
    note.attempt = static_cast<int>(row.integer(34));
    note.runner_id = row.text(35);
    note.leased = row.integer(36) != 0;
    note.words = {row.text(37), model::parse_step_name(row.view(38)), model::parse_end_cause(row.view(39))};
  }
  const model::Build& build = note.row.build;
  if (!model::is_over(build.status)) {
    note.step = load_last_step(db, number);
  } else if (build.initializing_on) {
    note.held_ms = build.stopped_on.value_or(*build.initializing_on) - *build.initializing_on;
  }
  return note;
}

BuildNote load_note(Connection& db, std::int64_t number) {
  std::optional<BuildNote> note = find_note(db, number);
  if (!note) throw SqlError(SQLITE_CORRUPT, "a build that an index names is missing");
  return *std::move(note);
}

std::optional<BuildRow> load_row(Connection& db, std::int64_t number) {
  std::optional<BuildRow> out(std::in_place);
  if (!load_row(db, number, *out)) return std::nullopt;
  return out;
}

bool map_version(Connection& db, const UploadedVersion& version, const Uuid& build, TimeMs now) {
  db.query(
        "INSERT INTO version_builds (build_number, ordinal, version_id, created_on, has_preview, alias) "
        "SELECT number, 1 + coalesce((SELECT max(ordinal) FROM version_builds WHERE build_number = number), "
        "0), ?, ?, ?, ? FROM builds WHERE uuid = ? ON CONFLICT (version_id) DO NOTHING")
      .bind(version.id)
      .bind(now)
      .bind(version.has_preview)
      .bind(version.alias)
      .bind(build)
      .run();
  return db.changes() != 0;
}

void note_usage(Connection& db, std::int64_t number, const model::BuildUsage& usage) {
  db.query("UPDATE builds SET memory_peak = ?, cpu_ms = ?, written = ?, processes_peak = ? WHERE number = ?")
      .bind(usage.memory_peak)
      .bind(usage.cpu_ms)
      .bind(usage.written)
      .bind(usage.processes_peak)
      .bind(number)
      .run();
}

std::optional<std::int64_t> number_of_build(Connection& db, const Uuid& uuid) {
  Query row = db.query("SELECT number FROM builds WHERE uuid = ?");
  if (!row.bind(uuid).step()) return std::nullopt;
  return row.integer(0);
}

BuildView load_view(Connection& db, std::int64_t number) {
  std::optional<BuildRow> row = load_row(db, number);
  if (!row) throw SqlError(SQLITE_CORRUPT, "a build that an index names is missing");
  std::optional<model::Trigger> trigger = load_trigger(db, row->build.trigger_uuid);
  if (!trigger) throw SqlError(SQLITE_CORRUPT, "a build's trigger is missing");
  return {std::move(row->build), std::move(*trigger)};
}

}  // namespace kiln::store::sqlite
