#include "store/sqlite/upkeep/retention_store.h"

#include <cstring>

#include "base/hex.h"
#include "store/sqlite/upkeep/thinning.h"

namespace kiln::store::sqlite {
namespace {

using Thin = void (*)(Connection&, const ThinnedWorker&, PruneWish&, PruneCursor&, TimeMs, PruneStep&);

Thin thin_of(PruneKind kind) {
  switch (kind) {
    case PruneKind::deleted_workers:
      return thin_deleted_worker;
    case PruneKind::versions:
      return thin_versions;
    case PruneKind::assets:
      return thin_assets;
    case PruneKind::builds:
      return thin_builds;
    case PruneKind::logs:
      return thin_logs;
    case PruneKind::deliveries:
      break;
  }
  return nullptr;
}

bool has_work(PruneKind kind, const model::Retention& keep) {
  switch (kind) {
    case PruneKind::versions:
      return keep.version_days > 0 || keep.versions > 0;
    case PruneKind::builds:
      return keep.build_days > 0 || keep.builds > 0;
    case PruneKind::logs:
      return keep.log_days > 0 || keep.logs > 0;
    default:
      return true;
  }
}

std::optional<ThinnedWorker> load_worker(Connection& db, const PruneCursor& cursor) {
  Query row = cursor.inside
                  ? db.query("SELECT tag, account_id, name, deleted_on FROM workers WHERE tag = ?")
                  : db.query(
                        "SELECT tag, account_id, name, deleted_on FROM workers WHERE tag > ? ORDER BY tag "
                        "LIMIT 1");
  if (!row.bind(cursor.owner).step()) return std::nullopt;
  return ThinnedWorker{row.text(0), row.text(1), row.text(2), row.maybe_integer(3)};
}

std::optional<std::string> load_account(Connection& db, const PruneCursor& cursor) {
  Query row = cursor.inside ? db.query("SELECT id FROM accounts WHERE id = ?")
                            : db.query("SELECT id FROM accounts WHERE id > ? ORDER BY id LIMIT 1");
  if (!row.bind(cursor.owner).step()) return std::nullopt;
  return row.text(0);
}

void enter(PruneCursor& cursor, const std::string& owner) {
  if (cursor.inside) return;
  cursor = {};
  cursor.owner = owner;
  cursor.inside = true;
}

PruneStep prune_once(Connection& db, PruneKind kind, PruneWish& wish, PruneCursor& cursor, TimeMs now) {
  PruneStep step;
  if (kind == PruneKind::deliveries) {
    const std::optional<std::string> account = load_account(db, cursor);
    cursor.done = !account;
    if (!account) return step;
    enter(cursor, *account);
    thin_deliveries(db, *account, wish, cursor, now, step);
    return step;
  }
  const std::optional<ThinnedWorker> worker = load_worker(db, cursor);
  cursor.done = !worker;
  if (!worker) return step;
  enter(cursor, worker->tag);
  thin_of(kind)(db, *worker, wish, cursor, now, step);
  return step;
}

}  // namespace

Result<PruneStep> SqliteRetentionStore::prune(PruneKind kind, PruneWish& wish, PruneCursor& cursor) {
  if (!has_work(kind, wish.keep)) {
    cursor.done = true;
    return PruneStep{};
  }
  // What fails leaves its cursor where it was.
  PruneCursor next = cursor;
  const auto body = [&](Connection& db) -> Result<PruneStep> {
    next = cursor;
    return prune_once(db, kind, wish, next, database_.now());
  };
  Result<PruneStep> step = wish.trial ? database_.read(body) : database_.write(body);
  if (step) cursor = next;
  return step;
}

void add_unnamed(PruneStep& step, std::string_view hash) {
  const std::optional<std::string> raw = from_hex(hash);
  BlobHash name{};
  if (!raw || raw->size() != name.size()) return;
  std::memcpy(name.data(), raw->data(), name.size());
  step.unnamed.push_back(name);
}

bool is_newest_good(Connection& db, const BranchBuild& build) {
  Query newer = db.query(
      "SELECT 1 FROM builds INDEXED BY builds_good_branch WHERE account_id = ? AND worker_tag = ? AND branch "
      "= "
      "? AND outcome = 'success' AND number > ? LIMIT 1");
  return !newer.bind(build.account_id).bind(build.worker_tag).bind(build.branch).bind(build.number).step();
}

bool is_newest(Connection& db, const BranchBuild& build) {
  Query newer = db.query(
      "SELECT 1 FROM builds INDEXED BY builds_branch WHERE account_id = ? AND branch = ? AND number > ? AND "
      "worker_tag = ? LIMIT 1");
  return !newer.bind(build.account_id).bind(build.branch).bind(build.number).bind(build.worker_tag).step();
}

}  // namespace kiln::store::sqlite
