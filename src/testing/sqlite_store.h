// SQLite as an engine that tests open: every port over one real file. Owned by the test; the ports are safe
// from any thread.
#pragma once

#include <memory>

#include "store/sqlite/account_store.h"
#include "store/sqlite/asset_store.h"
#include "store/sqlite/audit_store.h"
#include "store/sqlite/badge_store.h"
#include "store/sqlite/batch_store.h"
#include "store/sqlite/build_queue.h"
#include "store/sqlite/build_store.h"
#include "store/sqlite/build_token_store.h"
#include "store/sqlite/connection_store.h"
#include "store/sqlite/d1_database_store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/delivery_store.h"
#include "store/sqlite/deploy_hook_store.h"
#include "store/sqlite/event_store.h"
#include "store/sqlite/forge_store.h"
#include "store/sqlite/gauge_store.h"
#include "store/sqlite/glance_store.h"
#include "store/sqlite/host_route_store.h"
#include "store/sqlite/id_store.h"
#include "store/sqlite/kv_namespace_store.h"
#include "store/sqlite/log_store.h"
#include "store/sqlite/outbox.h"
#include "store/sqlite/preview_store.h"
#include "store/sqlite/pull_request_store.h"
#include "store/sqlite/queue_store.h"
#include "store/sqlite/r2_bucket_store.h"
#include "store/sqlite/route_resolver.h"
#include "store/sqlite/schedule_store.h"
#include "store/sqlite/session_store.h"
#include "store/sqlite/sink_store.h"
#include "store/sqlite/story_store.h"
#include "store/sqlite/trace_store.h"
#include "store/sqlite/trigger_store.h"
#include "store/sqlite/upkeep/check_store.h"
#include "store/sqlite/upkeep/retention_store.h"
#include "store/sqlite/upkeep/snapshot_store.h"
#include "store/sqlite/version_store.h"
#include "store/sqlite/watch_store.h"
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
  store::sqlite::SqliteBadgeStore badges;
  store::sqlite::SqlitePullRequestStore pull_requests;
  store::sqlite::SqliteScheduleStore schedules;
  store::sqlite::SqliteDeliveryStore deliveries;
  store::sqlite::SqliteLogStore logs;
  store::sqlite::SqliteOutbox outbox;
  store::sqlite::SqliteReportStore reports;
  store::sqlite::SqliteForgeStore forges;
  store::sqlite::SqliteWatchStore watches;
  store::sqlite::SqliteStoryStore stories;
  store::sqlite::SqliteGlanceStore glances;
  store::sqlite::SqliteIdStore ids;
  store::sqlite::SqliteEventStore events;
  store::sqlite::SqliteSessionStore sessions;
  store::sqlite::SqliteQueueStore queues;
  store::sqlite::SqliteMessageStore messages;
  store::sqlite::SqliteBatchStore batches;
  store::sqlite::SqliteEventSubscriptionStore subscriptions;
  store::sqlite::SqliteSinkStore sinks;
  store::sqlite::SqliteSinkDeliveryStore sink_deliveries;
  store::sqlite::SqliteKvNamespaceStore kv_namespaces;
  store::sqlite::SqliteD1DatabaseStore d1_databases;
  store::sqlite::SqliteR2BucketStore r2_buckets;
  store::sqlite::SqliteAuditStore audit;
  store::sqlite::SqliteGaugeStore gauges;
  store::sqlite::SqliteTraceStore traces;
  store::sqlite::SqliteSnapshotStore snapshots;
  store::sqlite::SqliteCheckStore checks;
  store::sqlite::SqliteRetentionStore retained;
};

// Its file is kiln.db.
[[nodiscard]] StoreFactory sqlite_factory();

}  // namespace kiln::testing
