// The ports of one store together, as the contract suite takes them from every engine. The store that they
// belong to outlives them; each is safe from any thread.
#pragma once

#include "store/account_store.h"
#include "store/asset_store.h"
#include "store/audit_store.h"
#include "store/badge_store.h"
#include "store/batch_store.h"
#include "store/build_queue.h"
#include "store/build_store.h"
#include "store/build_token_store.h"
#include "store/changes.h"
#include "store/check_store.h"
#include "store/connection_store.h"
#include "store/d1_database_store.h"
#include "store/delivery_store.h"
#include "store/deploy_hook_store.h"
#include "store/event_store.h"
#include "store/event_subscription_store.h"
#include "store/forge_store.h"
#include "store/gauge_store.h"
#include "store/glance_store.h"
#include "store/host_route_store.h"
#include "store/id_store.h"
#include "store/kv_namespace_store.h"
#include "store/log_store.h"
#include "store/message_store.h"
#include "store/outbox.h"
#include "store/preview_store.h"
#include "store/pull_request_store.h"
#include "store/queue_store.h"
#include "store/r2_bucket_store.h"
#include "store/report_store.h"
#include "store/retention_store.h"
#include "store/route_resolver.h"
#include "store/schedule_store.h"
#include "store/session_store.h"
#include "store/sink_delivery_store.h"
#include "store/sink_store.h"
#include "store/snapshot_store.h"
#include "store/story_store.h"
#include "store/trace_store.h"
#include "store/trigger_store.h"
#include "store/version_store.h"
#include "store/watch_store.h"
#include "store/worker_store.h"

namespace kiln::store {

struct Ports {
  AccountStore& accounts;
  ConnectionStore& connections;
  BuildTokenStore& build_tokens;
  TriggerStore& triggers;
  BuildStore& builds;
  BuildQueue& queue;
  WorkerStore& workers;
  VersionStore& versions;
  PreviewStore& previews;
  AssetStore& assets;
  HostRouteStore& host_routes;
  RouteResolver& route_resolver;
  DeployHookStore& deploy_hooks;
  BadgeStore& badges;
  PullRequestStore& pull_requests;
  ScheduleStore& schedules;
  DeliveryStore& deliveries;
  LogStore& logs;
  Outbox& outbox;
  ReportStore& reports;
  ForgeStore& forges;
  WatchStore& watches;
  StoryStore& stories;
  GlanceStore& glances;
  EventStore& events;
  SessionStore& sessions;
  QueueStore& queues;
  MessageStore& messages;
  BatchStore& batches;
  EventSubscriptionStore& subscriptions;
  SinkStore& sinks;
  SinkDeliveryStore& sink_deliveries;
  KvNamespaceStore& kv_namespaces;
  D1DatabaseStore& d1_databases;
  R2BucketStore& r2_buckets;
  AuditStore& audit;
  GaugeStore& gauges;
  TraceStore& traces;
  IdStore& ids;
  SnapshotStore& snapshots;
  CheckStore& checks;
  RetentionStore& retained;
  ChangeFeed& feed;
};

}  // namespace kiln::store
