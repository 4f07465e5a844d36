#include "store/sqlite/lease_rows.h"

#include <fmt/format.h>

namespace kiln::store::sqlite {

Holding holding_of(Connection& db, const Uuid& build, const Uuid& lease) {
  Query row = db.query(
      "SELECT number, lease_until IS NOT NULL AND status <> 'stopped', ended_by_lease, outcome FROM builds "
      "WHERE uuid = ? AND lease_id = ?");
  Holding out;
  if (!row.bind(build).bind(lease).step()) return out;
  out.number = row.integer(0);
  out.live = row.integer(1) != 0;
  out.ended_by_it = row.integer(2) != 0;
  out.outcome = model::parse_build_outcome(row.text(3));
  return out;
}

tl::unexpected<Error> lease_lost(const Uuid& build) {
  return fail(
      Errc::lease_lost,
      fmt::format("build {} is over or has been given to another runner; stop working on it", build.str()));
}

TimeMs stop_build(Connection& db, std::int64_t number, model::BuildOutcome outcome, bool by_lease,
                  TimeMs now) {
  db.query(
        "UPDATE builds SET status = 'stopped', outcome = ?1, stopped_on = max(modified_on, ?2), "
        "modified_on = max(modified_on, ?2), ended_by_lease = ?3, lease_until = NULL, api_token_hash = NULL, "
        "secrets_sealed = NULL WHERE number = ?4")
      .bind(to_string(outcome))
      .bind(now)
      .bind(by_lease)
      .bind(number)
      .run();
  Query row = db.query("SELECT stopped_on FROM builds WHERE number = ?");
  return row.bind(number).step() ? row.integer(0) : now;
}

}  // namespace kiln::store::sqlite
