// SQLite as an engine that tests open: every port over one real file. Owned by the test; the ports are safe
// from any thread.
#pragma once

#include <memory>

#include "store/sqlite/account_store.h"
#include "store/sqlite/build_queue.h"
#include "store/sqlite/build_store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/deploy_hook_store.h"
#include "store/sqlite/pull_request_store.h"
#include "store/sqlite/route_store.h"
#include "store/sqlite/schedule_store.h"
#include "store/sqlite/trigger_store.h"
#include "store/sqlite/worker_store.h"
#include "testing/store_ground.h"

namespace kiln::testing {

class SqliteOpenStore final : public OpenStore {
 public:
  SqliteOpenStore(std::unique_ptr<store::sqlite::Database> opened, const SecretBox& box, Entropy& entropy);

  [[nodiscard]] store::Ports ports() override;

  std::unique_ptr<store::sqlite::Database> database;
  store::sqlite::SqliteAccountStore accounts;
  store::sqlite::SqliteTriggerStore triggers;
  store::sqlite::SqliteBuildStore builds;
  store::sqlite::SqliteBuildQueue queue;
  store::sqlite::SqliteWorkerStore workers;
  store::sqlite::SqliteDeployHookStore deploy_hooks;
  store::sqlite::SqlitePullRequestStore pull_requests;
  store::sqlite::SqliteRouteStore routes;
  store::sqlite::SqliteScheduleStore schedules;
};

// Its file is kiln.db.
[[nodiscard]] StoreFactory sqlite_factory();

}  // namespace kiln::testing
