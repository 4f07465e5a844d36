// Which build runs next, and everything its runner is given.
#include <fmt/format.h>

#include "store/sqlite/build_minute_rows.h"
#include "store/sqlite/build_queue.h"
#include "store/sqlite/build_rows.h"
#include "store/sqlite/lease_rows.h"
#include "store/sqlite/log_rows.h"
#include "store/sqlite/rows_json.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {
namespace {

// Only the oldest live build of each trigger and branch may run, so that a leased one keeps its successors
// waiting; what waits for approval waits beside them. A build whose runner was lost goes first: it has waited
// longest.
std::optional<std::int64_t> next_build(Connection& db, int max_running) {
  Query row = db.query(
      "WITH heads AS MATERIALIZED (SELECT min(number) AS number FROM builds INDEXED BY builds_live "
      "  WHERE status <> 'stopped' AND waits_for_approval = 0 GROUP BY trigger_uuid, branch) "
      "SELECT b.number FROM heads CROSS JOIN builds b ON b.number = heads.number "
      "WHERE b.lease_until IS NULL AND (SELECT count(*) FROM builds r INDEXED BY builds_leased "
      "  WHERE r.account_id = b.account_id AND r.lease_until IS NOT NULL) < ? "
      "ORDER BY b.status = 'queued', (SELECT count(*) FROM builds r INDEXED BY builds_leased WHERE "
      "r.account_id = b.account_id "
      "  AND r.worker_tag = b.worker_tag AND r.lease_until IS NOT NULL), b.number LIMIT 1");
  if (!row.bind(max_running).step()) return std::nullopt;
  return row.integer(0);
}

bool lease_build(Connection& db, std::int64_t number, const ClaimRequest& request, TimeMs now) {
  db.query(
        "UPDATE builds SET status = CASE status WHEN 'queued' THEN 'initializing' ELSE status END, "
        "initializing_on = coalesce(initializing_on, max(modified_on, ?1)), modified_on = max(modified_on, "
        "?1), runner_id = ?2, lease_id = ?3, lease_until = ?4, api_token_hash = ?5, attempt = attempt + 1 "
        "WHERE number = ?6 AND status <> 'stopped' AND lease_until IS NULL")
      .bind(now)
      .bind(request.runner_id)
      .bind(request.lease_id)
      .bind(now + request.lease_ms)
      .bind_blob(request.token_hash)
      .bind(number)
      .run();
  return db.changes() == 1;
}

model::Worker load_worker(Connection& db, const std::string& tag) {
  Query row = db.query(
      "SELECT account_id, name, created_on, modified_on, subdomain_enabled, previews_enabled, settings_json, "
      "schedules_json FROM workers WHERE tag = ?");
  if (!row.bind(tag).step()) throw SqlError(SQLITE_CORRUPT, "a build's Worker is missing");
  model::Worker out;
  out.tag = tag;
  out.account_id = row.text(0);
  out.name = row.text(1);
  out.created_on = row.integer(2);
  out.modified_on = row.integer(3);
  out.subdomain_enabled = row.integer(4) != 0;
  out.previews_enabled = row.integer(5) != 0;
  out.settings_json = row.text(6);
  out.schedules_json = row.text(7);
  return out;
}

using MaybeSecret = std::optional<std::string>;

Result<MaybeSecret> unseal_token(const SecretBox& box, Query& row) {
  if (!row.is_null(1)) return std::nullopt;
  Result<std::string> secret = box.unseal(row.text(0));
  if (!secret) return context(secret.error(), "reading a build token");
  return std::move(*secret);
}

// The token the build was frozen with; the account's default one when its trigger names none. An account that
// never had a default token has nothing that could be missing: the secret is empty.
Result<MaybeSecret> build_token_secret(Connection& db, const SecretBox& box, const model::Build& build) {
  if (build.metadata.build_token_uuid) {
    Query row =
        db.query("SELECT secret_sealed, deleted_on FROM build_tokens WHERE uuid = ? AND account_id = ?");
    if (!row.bind(*build.metadata.build_token_uuid).bind(build.account_id).step()) return std::nullopt;
    return unseal_token(box, row);
  }
  // max() says which row the others are of: a live one before a deleted one, then the newest.
  Query row = db.query(
      "SELECT secret_sealed, deleted_on, max(iif(deleted_on IS NULL, 1 << 62, 0) + created_on) "
      "FROM build_tokens WHERE account_id = ? AND is_default = 1 GROUP BY account_id");
  if (!row.bind(build.account_id).step()) return std::string();
  return unseal_token(box, row);
}

Result<std::map<std::string, std::string>> secrets_of(Connection& db, const SecretBox& box,
                                                      std::int64_t number) {
  Query row = db.query("SELECT secrets_sealed FROM builds WHERE number = ? AND secrets_sealed IS NOT NULL");
  if (!row.bind(number).step()) return std::map<std::string, std::string>();
  const Result<std::string> plain = box.unseal(row.text(0));
  if (!plain) return context(plain.error(), "reading a build's secret variables");
  return secrets_from_json(*plain);
}

int attempt_of(Connection& db, std::int64_t number) {
  Query row = db.query("SELECT attempt FROM builds WHERE number = ?");
  return row.bind(number).step() ? static_cast<int>(row.integer(0)) : 0;
}

// Everything a runner needs for the build just leased. Errors: Errc::corrupt for secrets that do not open.
Result<Claimed> claimed_build(Connection& db, const SecretBox& box, std::int64_t number) {
  BuildView view = load_view(db, number);
  Result<std::map<std::string, std::string>> secrets = secrets_of(db, box, number);
  if (!secrets) return tl::unexpected<Error>(secrets.error());
  Result<MaybeSecret> token = build_token_secret(db, box, view.build);
  if (!token) return tl::unexpected<Error>(token.error());
  Claimed out;
  out.attempt = attempt_of(db, number);
  out.secrets = std::move(*secrets);
  out.worker = load_worker(db, view.build.worker_tag);
  out.connection = view.trigger.connection;
  out.build = std::move(view.build);
  out.trigger = std::move(view.trigger);
  out.build_token_secret = std::move(*token);
  return out;
}

// Why the account's minutes do not let the build start; nothing when they do, and for one that has begun.
std::optional<std::string> out_of_minutes(Connection& db, std::int64_t number, TimeMs now) {
  Query row =
      db.query("SELECT account_id FROM builds WHERE number = ? AND status = 'queued' AND attempt = 0");
  if (!row.bind(number).step()) return std::nullopt;
  const model::BuildMinutes minutes = load_build_minutes(db, row.text(0), now);
  if (!minutes.is_reached()) return std::nullopt;
  return words_for_reached(minutes);
}

// A build that cannot be run would stand before every other one for ever.
Uuid stop_unrun(Connection& db, std::int64_t number, model::BuildOutcome outcome, const std::string& line,
                TimeMs now, const Sealing& sealing) {
  Query row = db.query("SELECT uuid FROM builds WHERE number = ?");
  if (!row.bind(number).step()) throw SqlError(SQLITE_CORRUPT, "a queued build is gone");
  const Uuid build = row.uuid(0);
  const TimeMs stopped = stop_build(db, number, outcome, false, now, {line, {}}, sealing);
  add_server_lines(db, build, {{stopped, line}});
  return build;
}

}  // namespace

Result<ClaimResult> SqliteBuildQueue::claim(const ClaimRequest& request) {
  return database_.write([&](Connection& db) -> Result<ClaimResult> {
    ClaimResult out;
    const TimeMs now = database_.now();
    while (const std::optional<std::int64_t> number = next_build(db, request.max_running)) {
      if (const auto why = out_of_minutes(db, *number, now)) {
        out.stopped.push_back(stop_unrun(db, *number, model::BuildOutcome::skipped,
                                         fmt::format("Skipped: {}.", *why), now, {box_, entropy_}));
        continue;
      }
      if (!lease_build(db, *number, request, now)) break;
      Result<Claimed> claimed = claimed_build(db, box_, *number);
      if (claimed) {
        out.claimed = std::move(*claimed);
        break;
      }
      out.stopped.push_back(stop_unrun(db, *number, model::BuildOutcome::fail,
                                       fmt::format("Failed: {}.", claimed.error().message), now,
                                       {box_, entropy_}));
    }
    return out;
  });
}

Result<model::BuildMinutes> SqliteBuildQueue::build_minutes(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<model::BuildMinutes> {
    return load_build_minutes(db, account_id, database_.now());
  });
}

}  // namespace kiln::store::sqlite
