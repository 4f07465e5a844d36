// SQLite as an engine that tests open: every port over one real file. Owned by the test; the ports are safe
// from any thread.
#pragma once

#include <memory>

#include "store/sqlite/account_store.h"
#include "store/sqlite/asset_store.h"
#include "store/sqlite/build_queue.h"
#include "store/sqlite/build_store.h"
#include "store/sqlite/build_token_store.h"
#include "store/sqlite/connection_store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/delivery_store.h"
#include "store/sqlite/deploy_hook_store.h"
#include "store/sqlite/host_route_store.h"
#include "store/sqlite/preview_store.h"
#include "store/sqlite/pull_request_store.h"
#include "store/sqlite/route_resolver.h"
#include "store/sqlite/schedule_store.h"
#include "store/sqlite/trigger_store.h"
#include "store/sqlite/version_store.h"
#include "store/sqlite/worker_store.h"
#include "testing/store_ground.h"

namespace kiln::testing {

class SqliteOpenStore final : public OpenStore {
 public:
  SqliteOpenStore(std::unique_ptr<store::sqlite::Database> opened, const SecretBox& box, Entropy& entropy);

  [[nodiscard]] store::Ports ports() override;

  std::unique_ptr<store::sqlite::Database> database;
  store::sqlite::SqliteAccountStore accounts;
  store::sqlite::SqliteConnectionStore connections;
  store::sqlite::SqliteBuildTokenStore build_tokens;
  store::sqlite::SqliteTriggerStore triggers;
  store::sqlite::SqliteBuildStore builds;
  store::sqlite::SqliteBuildQueue queue;
  store::sqlite::SqliteWorkerStore workers;
  store::sqlite::SqliteVersionStore versions;
  store::sqlite::SqlitePreviewStore previews;
  store::sqlite::SqliteAssetStore assets;
  store::sqlite::SqliteHostRouteStore host_routes;
  store::sqlite::SqliteRouteResolver route_resolver;
  store::sqlite::SqliteDeployHookStore deploy_hooks;
  store::sqlite::SqlitePullRequestStore pull_requests;
  store::sqlite::SqliteScheduleStore schedules;
  store::sqlite::SqliteDeliveryStore deliveries;
};

// Its file is kiln.db.
[[nodiscard]] StoreFactory sqlite_factory();

}  // namespace kiln::testing
