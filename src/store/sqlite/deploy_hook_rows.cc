#include "store/sqlite/deploy_hook_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "store/sqlite/build_rows.h"

namespace kiln::store::sqlite {
namespace {

constexpr TimeMs kWindowMs = 60'000;

std::optional<model::Build> waiting_build(Connection& db, const HookStart& start) {
  Query row = db.query(
      "SELECT number FROM builds WHERE trigger_uuid = ? AND branch = ? AND status <> 'stopped' "
      "AND status = 'queued' AND attempt = 0 ORDER BY number DESC LIMIT 1");
  if (!row.bind(start.trigger_uuid).bind(start.branch).step()) return std::nullopt;
  std::optional<BuildRow> build = load_row(db, row.integer(0));
  if (!build) return std::nullopt;
  return std::move(build->build);
}

// When the start that fills the allowance was made; nothing while there is room. Starts of requests that came
// a moment later and were quicker count; those of a clock that was far ahead do not.
std::optional<TimeMs> filled_by(Query row, TimeMs now, int most) {
  row.bind(now - kWindowMs).bind(now + kWindowMs).bind(most - 1);
  if (!row.step()) return std::nullopt;
  return row.integer(0);
}

std::optional<TimeMs> worker_filled_by(Connection& db, const HookStart& start, TimeMs now) {
  Query row = db.query(
      "SELECT created_on FROM deploy_hook_starts WHERE account_id = ? AND worker_tag = ? AND created_on > ? "
      "AND created_on <= ? ORDER BY created_on DESC LIMIT 1 OFFSET ?");
  row.bind(start.account_id).bind(start.worker_tag);
  return filled_by(std::move(row), now, start.most_per_worker);
}

std::optional<TimeMs> account_filled_by(Connection& db, const HookStart& start, TimeMs now) {
  Query row = db.query(
      "SELECT created_on FROM deploy_hook_starts WHERE account_id = ? AND created_on > ? "
      "AND created_on <= ? ORDER BY created_on DESC LIMIT 1 OFFSET ?");
  row.bind(start.account_id);
  return filled_by(std::move(row), now, start.most_per_account);
}

tl::unexpected<Error> too_often(const char* whose, int most, TimeMs filled, TimeMs now) {
  const TimeMs seconds = std::max<TimeMs>(1, (filled + kWindowMs - now + 999) / 1000);
  return fail(Errc::rate_limited,
              fmt::format("the deploy hooks of this {} started {} builds within a minute, which is the most "
                          "they may; try again in {} seconds",
                          whose, most, seconds),
              std::to_string(seconds));
}

}  // namespace

std::string hook_hash(const Uuid& uuid) {
  return sha256(uuid.raw());
}

Result<std::optional<model::Build>> look_before_hook_build(Connection& db, const HookStart& start,
                                                           TimeMs now) {
  std::optional<model::Build> waiting = waiting_build(db, start);
  if (waiting) return waiting;
  if (const std::optional<TimeMs> filled = worker_filled_by(db, start, now))
    return too_often("Worker", start.most_per_worker, *filled, now);
  if (const std::optional<TimeMs> filled = account_filled_by(db, start, now))
    return too_often("account", start.most_per_account, *filled, now);
  return waiting;
}

Status note_hook_build(Connection& db, const HookStart& start, const model::Build& build, TimeMs now) {
  db.query("UPDATE deploy_hooks SET latest_build_on = ? WHERE uuid_hash = ?")
      .bind(build.created_on)
      .bind_blob(hook_hash(start.hook))
      .run();
  if (db.changes() == 0) {
    return fail(Errc::not_found, "the deploy hook was deleted meanwhile", "deploy_hook_uuid");
  }
  db.query("DELETE FROM deploy_hook_starts WHERE account_id = ? AND created_on <= ?")
      .bind(start.account_id)
      .bind(now - kWindowMs)
      .run();
  db.query(
        "INSERT INTO deploy_hook_starts (account_id, created_on, build_uuid, worker_tag) VALUES (?, ?, ?, ?)")
      .bind(start.account_id)
      .bind(now)
      .bind(build.uuid)
      .bind(start.worker_tag)
      .run();
  return {};
}

}  // namespace kiln::store::sqlite
