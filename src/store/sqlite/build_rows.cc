#include "store/sqlite/build_rows.h"

#include "store/sqlite/rows_json.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {
namespace {

std::vector<Uuid> versions_of(Connection& db, const Uuid& build) {
  Query rows =
      db.query("SELECT version_id FROM version_builds WHERE build_uuid = ? ORDER BY created_on, number");
  return all_uuids(rows.bind(build));
}

model::BuildStatus status_of(const std::string& text) {
  const std::optional<model::BuildStatus> status = model::parse_build_status(text);
  if (!status) throw SqlError(SQLITE_CORRUPT, "a stored build's status is damaged");
  return *status;
}

std::optional<model::BuildOutcome> outcome_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::optional<model::BuildOutcome> outcome = model::parse_build_outcome(text);
  if (!outcome) throw SqlError(SQLITE_CORRUPT, "a stored build's outcome is damaged");
  return outcome;
}

}  // namespace

std::optional<model::Build> load_build(Connection& db, std::int64_t number) {
  Query row = db.query(
      "SELECT uuid, account_id, worker_tag, trigger_uuid, status, outcome, created_on, modified_on, "
      "initializing_on, "
      "running_on, stopped_on, metadata_json, pull_request_json, preview_url, preview_alias_url "
      "FROM builds WHERE number = ?");
  if (!row.bind(number).step()) return std::nullopt;
  model::Build out;
  out.uuid = row.uuid(0);
  out.account_id = row.text(1);
  out.worker_tag = row.text(2);
  out.trigger_uuid = row.uuid(3);
  out.status = status_of(row.text(4));
  out.outcome = outcome_of(row.text(5));
  out.created_on = row.integer(6);
  out.modified_on = row.integer(7);
  out.initializing_on = row.maybe_integer(8);
  out.running_on = row.maybe_integer(9);
  out.stopped_on = row.maybe_integer(10);
  out.metadata = metadata_from_json(row.text(11));
  out.pull_request = pull_request_from_json(row.text(12));
  out.preview_url = row.text(13);
  out.preview_alias_url = row.text(14);
  out.version_ids = versions_of(db, out.uuid);
  return out;
}

std::optional<std::int64_t> number_of_build(Connection& db, const Uuid& uuid) {
  Query row = db.query("SELECT number FROM builds WHERE uuid = ?");
  if (!row.bind(uuid).step()) return std::nullopt;
  return row.integer(0);
}

BuildView ViewLoader::view(std::int64_t number) {
  std::optional<model::Build> build = load_build(db_, number);
  if (!build) throw SqlError(SQLITE_CORRUPT, "a build that an index names is missing");
  auto found = triggers_.find(build->trigger_uuid);
  if (found == triggers_.end()) {
    std::optional<model::Trigger> trigger = load_trigger(db_, build->trigger_uuid);
    if (!trigger) throw SqlError(SQLITE_CORRUPT, "a build's trigger is missing");
    found = triggers_.emplace(build->trigger_uuid, std::move(*trigger)).first;
  }
  return {std::move(*build), found->second};
}

}  // namespace kiln::store::sqlite
