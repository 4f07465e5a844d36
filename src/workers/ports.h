// What the functions of this room work on, and on whose behalf. Owned by the routes' wiring; passed by
// reference.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "model/zone.h"
#include "store/asset_store.h"
#include "store/d1_database_store.h"
#include "store/host_route_store.h"
#include "store/kv_namespace_store.h"
#include "store/preview_store.h"
#include "store/queue_store.h"
#include "store/r2_bucket_store.h"
#include "store/version_store.h"
#include "store/worker_store.h"
#include "workers/account_hosts.h"
#include "workers/blob_store.h"
#include "workers/validator.h"

namespace kiln::workers {

struct Ports {
  store::WorkerStore& workers;
  store::VersionStore& versions;
  store::PreviewStore& previews;
  store::AssetStore& assets;
  store::HostRouteStore& host_routes;
  store::KvNamespaceStore& kv_namespaces;
  store::D1DatabaseStore& d1_databases;
  store::R2BucketStore& r2_buckets;
  store::QueueStore& queues;
  BlobStore& blobs;
  const Clock& clock;
  Entropy& entropy;
  const AccountHosts& hosts;
  int max_aliases = 1000;               // of one Worker; the least recently uploaded gives way
  std::vector<model::Zone> zones = {};  // the operator's domains, each with the subdomain of its account
  Validator* validator = nullptr;       // null: uploads are taken without being started
  // Called with each version that visitors get from now on, so that its process is there before the first of
  // them; returns at once. Empty: nothing is started ahead.
  std::function<void(const Uuid& version)> start_ahead = {};
  // Called when what the Worker's processes are made from has changed beside its versions. Empty: there are
  // none.
  std::function<void(const std::string& worker_tag)> renew = {};
  // Called when cron triggers have changed. Empty: nobody runs them.
  std::function<void()> schedules_changed = {};
  // The compatibility date that a version which asks for this one is run with. Empty: as it asks.
  std::function<std::string(const std::string& asked)> run_date = {};
};

struct Actor {
  std::string account_id;
  std::string author_email;
  std::string source;          // "wrangler", "api", "workersci"
  std::optional<Uuid> build;   // set when a build's own token acts
  bool previews_only = false;  // that build may change nothing live, nor what becomes live
};

}  // namespace kiln::workers
