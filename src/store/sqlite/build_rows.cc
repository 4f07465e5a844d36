#include "store/sqlite/build_rows.h"

#include <algorithm>
#include <utility>

#include "store/sqlite/rows_json.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {
namespace {

void read_versions(std::string_view text, std::vector<Uuid>& out) {
  out.clear();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::optional<Uuid> version = Uuid::parse(text.substr(0, end));
    if (!version) throw SqlError(SQLITE_CORRUPT, "a stored build's versions are damaged");
    out.push_back(*version);
    text.remove_prefix(std::min(end + 1, text.size()));
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

}  // namespace

bool load_row(Connection& db, std::int64_t number, BuildRow& out) {
  Query row = db.query(
      "SELECT uuid, account_id, worker_tag, trigger_uuid, status, outcome, created_on, modified_on, "
      "initializing_on, running_on, stopped_on, metadata_json, environment_text, pull_request_json, "
      "preview_url, preview_alias_url, version_ids, restricted, memory_peak, cpu_ms, written, "
      "processes_peak FROM builds WHERE number = ?");
  if (!row.bind(number).step()) return false;
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
  out.metadata_json = row.view(11);
  out.environment_text = row.view(12);
  build.pull_request = pull_request_from_json(row.view(13));
  build.preview_url = row.view(14);
  build.preview_alias_url = row.view(15);
  read_versions(row.view(16), build.version_ids);
  build.restricted = row.integer(17) != 0;
  build.usage = {row.maybe_integer(18), row.maybe_integer(19), row.maybe_integer(20), row.maybe_integer(21)};
  return true;
}

std::optional<BuildRow> load_row(Connection& db, std::int64_t number) {
  std::optional<BuildRow> out(std::in_place);
  if (!load_row(db, number, *out)) return std::nullopt;
  return out;
}

std::optional<model::Build> load_build(Connection& db, std::int64_t number) {
  std::optional<BuildRow> row = load_row(db, number);
  if (!row) return std::nullopt;
  Query environment = db.query("SELECT environment_json FROM builds WHERE number = ?");
  if (!environment.bind(number).step()) return std::nullopt;
  row->build.metadata = metadata_from_json(row->metadata_json, environment.text(0));
  return std::move(row->build);
}

bool map_version(Connection& db, const Uuid& version, const Uuid& build, TimeMs now) {
  db.query(
        "INSERT INTO version_builds (version_id, account_id, build_number, created_on) "
        "SELECT ?, account_id, number, ? FROM builds WHERE uuid = ? ON CONFLICT (version_id) DO NOTHING")
      .bind(version)
      .bind(now)
      .bind(build)
      .run();
  if (db.changes() == 0) return false;
  db.query(
        "UPDATE builds SET version_ids = version_ids || iif(version_ids = '', '', ',') || ? WHERE uuid = ?")
      .bind(version.str())
      .bind(build)
      .run();
  return true;
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
  std::optional<model::Build> build = load_build(db, number);
  if (!build) throw SqlError(SQLITE_CORRUPT, "a build that an index names is missing");
  std::optional<model::Trigger> trigger = load_trigger(db, build->trigger_uuid);
  if (!trigger) throw SqlError(SQLITE_CORRUPT, "a build's trigger is missing");
  return {std::move(*build), std::move(*trigger)};
}

}  // namespace kiln::store::sqlite
