// The ports of one store together, as the contract suite takes them from every engine. The store that they
// belong to outlives them; each is safe from any thread.
#pragma once

#include "store/account_store.h"
#include "store/asset_store.h"
#include "store/build_queue.h"
#include "store/build_store.h"
#include "store/build_token_store.h"
#include "store/changes.h"
#include "store/connection_store.h"
#include "store/delivery_store.h"
#include "store/deploy_hook_store.h"
#include "store/host_route_store.h"
#include "store/preview_store.h"
#include "store/pull_request_store.h"
#include "store/route_resolver.h"
#include "store/schedule_store.h"
#include "store/trigger_store.h"
#include "store/version_store.h"
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
  PullRequestStore& pull_requests;
  ScheduleStore& schedules;
  DeliveryStore& deliveries;
  ChangeFeed& feed;
};

}  // namespace kiln::store
