#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "store/sqlite/asset_rows.h"
#include "store/sqlite/upkeep/thinning.h"

namespace kiln::store::sqlite {
namespace {

constexpr std::size_t kAssetsAtOnce = 200;

// Somebody is uploading: what they were told not to send must stay.
bool is_uploading(Connection& db, const ThinnedWorker& worker) {
  Query row = db.query("SELECT 1 FROM asset_sessions WHERE account_id = ? AND worker_name = ? LIMIT 1");
  return row.bind(worker.account_id).bind(worker.name).step();
}

std::set<std::string> used_assets(Connection& db, const ThinnedWorker& worker, const PruneWish& wish) {
  std::set<std::string> used;
  Query rows = db.query("SELECT id, assets_json FROM versions WHERE worker_tag = ? AND has_assets = 1");
  rows.bind(worker.tag);
  while (rows.step()) {
    if (wish.gone_versions.count(rows.uuid(0)) != 0) continue;
    for (model::AssetFile& file : files_from_json(rows.text(1))) used.insert(std::move(file.hash));
  }
  return used;
}

struct Asset {
  std::string hash;
  std::string blob;
};

std::vector<Asset> unused_of(Query rows, const ThinnedWorker& worker, const std::set<std::string>& used) {
  std::vector<Asset> out;
  rows.bind(worker.account_id).bind(worker.name);
  while (rows.step()) {
    if (used.count(rows.text(0)) == 0) out.push_back({rows.text(0), rows.text(1)});
  }
  return out;
}

void drop_asset(Query deletion, const ThinnedWorker& worker, const Asset& asset, PruneStep& step) {
  deletion.bind(worker.account_id).bind(worker.name).bind(asset.hash).run();
  add_unnamed(step, asset.blob);
}

}  // namespace

// What no version serves any more. All of a Worker's versions are looked at in the one transaction that takes
// something away, so that no version which comes meanwhile is overlooked; a Worker without anything to take
// costs a read alone.
void thin_assets(Connection& db, const ThinnedWorker& worker, PruneWish& wish, PruneCursor& cursor,
                 TimeMs /*now*/, PruneStep& step) {
  cursor.inside = false;
  if (worker.deleted_on || is_uploading(db, worker)) return;
  const std::set<std::string> used = used_assets(db, worker, wish);
  const std::vector<Asset> live =
      unused_of(db.query("SELECT hash, blob FROM worker_assets WHERE account_id = ? AND worker_name = ?"),
                worker, used);
  const std::vector<Asset> previews =
      unused_of(db.query("SELECT hash, blob FROM preview_assets WHERE account_id = ? AND worker_name = ?"),
                worker, used);
  if (wish.trial) {
    step.gone = static_cast<std::int64_t>(live.size() + previews.size());
    return;
  }
  for (std::size_t i = 0; i < std::min(live.size(), kAssetsAtOnce); ++i)
    drop_asset(db.query("DELETE FROM worker_assets WHERE account_id = ? AND worker_name = ? AND hash = ?"),
               worker, live[i], step);
  for (std::size_t i = 0; i < std::min(previews.size(), kAssetsAtOnce); ++i)
    drop_asset(db.query("DELETE FROM preview_assets WHERE account_id = ? AND worker_name = ? AND hash = ?"),
               worker, previews[i], step);
  step.gone = static_cast<std::int64_t>(step.unnamed.size());
  cursor.inside = live.size() > kAssetsAtOnce || previews.size() > kAssetsAtOnce;
}

}  // namespace kiln::store::sqlite
