#include <limits>
#include <vector>

#include "store/sqlite/thinned_rows.h"
#include "store/sqlite/upkeep/thinning.h"
#include "store/sqlite/version_rows.h"

namespace kiln::store::sqlite {
namespace {

constexpr int kVersionsAtOnce = 20;
constexpr int kDeploymentsAtOnce = 50;

struct OldVersion {
  Uuid id;
  std::int64_t number = 0;
  TimeMs created_on = 0;
  std::optional<Uuid> preview;
  std::optional<Uuid> build;
};

std::vector<OldVersion> versions_after(Connection& db, const std::string& tag, std::int64_t after) {
  std::vector<OldVersion> out;
  Query rows = db.query(
      "SELECT id, number, created_on, preview_id, build_uuid FROM versions WHERE worker_tag = ? AND number > "
      "? "
      "ORDER BY number LIMIT ?");
  rows.bind(tag).bind(after).bind(kVersionsAtOnce);
  while (rows.step())
    out.push_back({rows.uuid(0), rows.integer(1), rows.integer(2), rows.maybe_uuid(3), rows.maybe_uuid(4)});
  return out;
}

std::int64_t last_deployment(Connection& db, const std::string& tag) {
  Query row = db.query("SELECT coalesce(max(ordinal), 0) FROM deployments WHERE worker_tag = ?");
  return row.bind(tag).step() ? row.integer(0) : 0;
}

// Deployments up to this place that are older than this stay no longer.
struct DeploymentsKept {
  std::int64_t up_to = 0;
  TimeMs before = 0;
};

DeploymentsKept deployments_kept(Connection& db, const std::string& tag, const model::Retention& keep,
                                 TimeMs now) {
  const TimeMs before =
      keep.version_days == 0 ? std::numeric_limits<TimeMs>::max() : too_old_before(now, keep.version_days);
  return {last_deployment(db, tag) - keep.deployments, before};
}

// Takes deployments away, the oldest first; a Worker's last ones stay unless it was deleted.
std::int64_t drop_deployments(Connection& db, const ThinnedWorker& worker, const DeploymentsKept& kept) {
  std::vector<std::pair<std::int64_t, std::int64_t>> gone;
  {
    Query rows = db.query(
        "SELECT number, ordinal FROM deployments WHERE worker_tag = ? AND ordinal <= ? AND created_on < ? "
        "ORDER "
        "BY ordinal LIMIT ?");
    rows.bind(worker.tag).bind(kept.up_to).bind(kept.before).bind(kDeploymentsAtOnce);
    while (rows.step()) gone.emplace_back(rows.integer(0), rows.integer(1));
  }
  for (const auto& [number, ordinal] : gone) {
    db.query("DELETE FROM deployment_versions WHERE deployment_number = ?").bind(number).run();
    db.query("DELETE FROM deployments WHERE number = ?").bind(number).run();
  }
  const auto count = static_cast<std::int64_t>(gone.size());
  if (count > 0) add_thinned(db, worker.account_id, worker.tag, "deployments", {gone.back().second, count});
  return count;
}

bool is_deployed(Connection& db, const Uuid& version, const DeploymentsKept& kept) {
  Query row = db.query(
      "SELECT 1 FROM deployment_versions v JOIN deployments d ON d.number = v.deployment_number WHERE "
      "v.version_id = ? AND (d.ordinal > ? OR d.created_on >= ?) LIMIT 1");
  return row.bind(version).bind(kept.up_to).bind(kept.before).step();
}

bool is_led_to(Connection& db, const OldVersion& version) {
  Query alias = db.query("SELECT 1 FROM version_aliases WHERE version_id = ? LIMIT 1");
  if (alias.bind(version.id).step()) return true;
  if (!version.preview) return false;
  Query preview = db.query(
      "SELECT 1 FROM previews p WHERE p.id = ?1 AND ?2 = (SELECT min(number) FROM versions WHERE preview_id "
      "= "
      "?1)");
  return preview.bind(*version.preview).bind(version.number).step();
}

bool is_of_newest_good(Connection& db, const OldVersion& version) {
  if (!version.build) return false;
  Query row = db.query(
      "SELECT number, account_id, worker_tag, branch FROM builds WHERE uuid = ? AND outcome = 'success'");
  if (!row.bind(*version.build).step()) return false;
  return is_newest_good(db, {row.integer(0), row.text(1), row.text(2), row.text(3)});
}

void drop_version(Connection& db, const Uuid& id, PruneStep& step) {
  {
    Query modules = db.query("SELECT blob FROM version_modules WHERE version_id = ?");
    modules.bind(id);
    while (modules.step()) add_unnamed(step, modules.view(0));
  }
  db.query("DELETE FROM version_modules WHERE version_id = ?").bind(id).run();
  db.query("DELETE FROM version_secrets WHERE version_id = ?").bind(id).run();
  db.query("DELETE FROM attestations WHERE version_id = ?").bind(id).run();
  db.query("DELETE FROM versions WHERE id = ?").bind(id).run();
}

}  // namespace

void thin_versions(Connection& db, const ThinnedWorker& worker, PruneWish& wish, PruneCursor& cursor,
                   TimeMs now, PruneStep& step) {
  const model::Retention& keep = wish.keep;
  const DeploymentsKept kept = deployments_kept(db, worker.tag, keep, now);
  if (!wish.trial && drop_deployments(db, worker, kept) > 0) return;
  if (cursor.after == 0 && cursor.after_text.empty()) {
    cursor.after = std::numeric_limits<std::int64_t>::min();  // named previews' versions count down from -1
    cursor.after_text = "begun";
  }
  const std::optional<Uuid> newest = latest_version_id(db, worker.tag);
  const std::optional<Uuid> base = base_version_id(db, worker.tag);
  std::int64_t last = 0;
  {
    Query row = db.query("SELECT coalesce(max(number), 0) FROM versions WHERE worker_tag = ?");
    if (row.bind(worker.tag).step()) last = row.integer(0);
  }
  const std::vector<OldVersion> versions = versions_after(db, worker.tag, cursor.after);
  Thinned thinned;
  for (const OldVersion& version : versions) {
    cursor.after = version.number;
    const bool old = version.created_on < too_old_before(now, keep.version_days);
    const bool beyond = keep.versions > 0 && version.number > 0 && version.number <= last - keep.versions;
    if (!old && !beyond) continue;
    if (version.id == newest || version.id == base || is_deployed(db, version.id, kept) ||
        is_led_to(db, version) || is_of_newest_good(db, version))
      continue;
    ++step.gone;
    if (wish.trial) {
      wish.gone_versions.insert(version.id);
      continue;
    }
    drop_version(db, version.id, step);
    if (version.number > 0) thinned = {version.number, thinned.gone + 1};
  }
  add_thinned(db, worker.account_id, worker.tag, "versions", thinned);
  cursor.inside = versions.size() == static_cast<std::size_t>(kVersionsAtOnce);
}

void thin_deleted_worker(Connection& db, const ThinnedWorker& worker, PruneWish& wish, PruneCursor& cursor,
                         TimeMs now, PruneStep& step) {
  cursor.inside = false;
  if (!worker.deleted_on || *worker.deleted_on > now - wish.keep.deleted_worker_days * kDayMs) return;
  const std::vector<OldVersion> versions =
      versions_after(db, worker.tag, std::numeric_limits<std::int64_t>::min());
  if (wish.trial) {
    Query rows = db.query("SELECT id FROM versions WHERE worker_tag = ?");
    rows.bind(worker.tag);
    while (rows.step()) {
      ++step.gone;
      wish.gone_versions.insert(rows.uuid(0));
    }
    return;
  }
  const DeploymentsKept none{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<TimeMs>::max()};
  const std::int64_t deployments = drop_deployments(db, worker, none);
  cursor.inside = deployments > 0 || !versions.empty();
  if (deployments > 0) return;
  for (const OldVersion& version : versions) {
    drop_version(db, version.id, step);
    ++step.gone;
  }
}

}  // namespace kiln::store::sqlite
