#include "store/sqlite/lease_rows.h"

#include <fmt/format.h>

#include "store/sqlite/build_minute_rows.h"
#include "store/sqlite/story_rows.h"

namespace kiln::store::sqlite {

Holding holding_of(Connection& db, const Uuid& build, const Uuid& lease) {
  Query row = db.query(
      "SELECT number, lease_until IS NOT NULL AND status <> 'stopped', ended_by_lease, outcome, attempt FROM "
      "builds "
      "WHERE uuid = ? AND lease_id = ?");
  Holding out;
  if (!row.bind(build).bind(lease).step()) return out;
  out.number = row.integer(0);
  out.live = row.integer(1) != 0;
  out.ended_by_it = row.integer(2) != 0;
  out.outcome = model::parse_build_outcome(row.text(3));
  out.attempt = static_cast<int>(row.integer(4));
  return out;
}

tl::unexpected<Error> lease_lost(const Uuid& build) {
  return fail(
      Errc::lease_lost,
      fmt::format("build {} is over or has been given to another runner; stop working on it", build.str()));
}

TimeMs stop_build(Connection& db, std::int64_t number, model::BuildOutcome outcome, bool by_lease, TimeMs now,
                  const model::EndWords& words, const Sealing& sealing) {
  Query row = db.query(
      "UPDATE builds SET status = 'stopped', outcome = ?1, stopped_on = max(modified_on, ?2), "
      "modified_on = max(modified_on, ?2), ended_by_lease = ?3, lease_until = NULL, api_token_hash = NULL, "
      "secrets_sealed = NULL WHERE number = ?4 RETURNING stopped_on, initializing_on, account_id");
  if (!row.bind(to_string(outcome)).bind(now).bind(by_lease).bind(number).step()) return now;
  const TimeMs stopped_on = row.integer(0);
  const std::optional<TimeMs> held_since = row.maybe_integer(1);
  const std::string account_id = row.text(2);
  row.run();
  stop_steps(db, number, stopped_on);
  keep_end_words(db, number, words);
  attest_build(db, number, sealing, stopped_on);
  if (held_since) add_build_time(db, account_id, stopped_on, stopped_on - *held_since);
  return stopped_on;
}

}  // namespace kiln::store::sqlite
