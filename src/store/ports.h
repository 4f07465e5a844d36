// The ports of one store together, as the contract suite takes them from every engine. The store that they
// belong to outlives them; each is safe from any thread.
#pragma once

#include "store/account_store.h"
#include "store/build_queue.h"
#include "store/build_store.h"
#include "store/changes.h"
#include "store/deploy_hook_store.h"
#include "store/pull_request_store.h"
#include "store/route_store.h"
#include "store/schedule_store.h"
#include "store/trigger_store.h"
#include "store/worker_store.h"

namespace kiln::store {

struct Ports {
  AccountStore& accounts;
  TriggerStore& triggers;
  BuildStore& builds;
  BuildQueue& queue;
  WorkerStore& workers;
  DeployHookStore& deploy_hooks;
  PullRequestStore& pull_requests;
  RouteStore& routes;
  ScheduleStore& schedules;
  ChangeFeed& feed;
};

}  // namespace kiln::store
