// A store of any engine in a temporary folder, reached through its ports, with a clock and ids that a test
// controls, and small valid values to put in. Owned by the test; the ports are safe from any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/secret_box.h"
#include "model/build.h"
#include "model/principal.h"
#include "model/trigger.h"
#include "model/worker.h"
#include "store/ports.h"
#include "testing/fake_clock.h"
#include "testing/fake_entropy.h"
#include "testing/temp_dir.h"

namespace kiln::testing {

// Keeps one store open.
class OpenStore {
 public:
  virtual ~OpenStore() = default;
  [[nodiscard]] virtual store::Ports ports() = 0;
};

struct StoreFactory {
  const char* engine = "";
  // Opens the store in the folder, or makes it; what is passed by reference outlives it.
  std::unique_ptr<OpenStore> (*open)(const std::filesystem::path& folder, const Clock& clock,
                                     const SecretBox& box, Entropy& entropy) = nullptr;
};

struct StoreGround {
  explicit StoreGround(const StoreFactory& factory);
  virtual ~StoreGround();
  StoreGround(const StoreGround&) = delete;
  StoreGround& operator=(const StoreGround&) = delete;

  TempDir folder;
  FakeClock clock;
  FakeEntropy entropy;
  SecretBox box;
  std::unique_ptr<OpenStore> opened;
  store::AccountStore& accounts;
  store::ConnectionStore& connections;
  store::BuildTokenStore& build_tokens;
  store::TriggerStore& triggers;
  store::BuildStore& builds;
  store::BuildQueue& queue;
  store::WorkerStore& workers;
  store::VersionStore& versions;
  store::PreviewStore& previews;
  store::AssetStore& assets;
  store::HostRouteStore& host_routes;
  store::RouteResolver& route_resolver;
  store::DeployHookStore& deploy_hooks;
  store::BadgeStore& badges;
  store::PullRequestStore& pull_requests;
  store::ScheduleStore& schedules;
  store::DeliveryStore& deliveries;
  store::LogStore& logs;
  store::Outbox& outbox;
  store::ReportStore& reports;
  store::ForgeStore& forges;
  store::WatchStore& watches;
  store::StoryStore& stories;
  store::GlanceStore& glances;
  store::IdStore& ids;
  store::EventStore& events;
  store::SessionStore& sessions;
  store::QueueStore& queues;
  store::MessageStore& messages;
  store::BatchStore& batches;
  store::EventSubscriptionStore& subscriptions;
  store::SinkStore& sinks;
  store::SinkDeliveryStore& sink_deliveries;
  store::KvNamespaceStore& kv_namespaces;
  store::D1DatabaseStore& d1_databases;
  store::R2BucketStore& r2_buckets;
  store::AuditStore& audit;
  store::GaugeStore& gauges;
  store::TraceStore& traces;
  store::SnapshotStore& snapshots;
  store::CheckStore& checks;
  store::RetentionStore& retained;
  store::ChangeFeed& feed;

  // Each makes a valid thing, stores it and returns it; a failure ends the test program with its words.
  model::Account add_account(const std::string& name = "acme");
  model::Worker add_worker(const std::string& account_id, const std::string& name = "hello");
  model::RepoConnection add_connection(const std::string& account_id, const std::string& repo_name = "hello");
  model::BuildToken add_build_token(const std::string& account_id,
                                    const std::string& secret = "cf-token-secret");
  // A trigger of main that deploys, with a connection and a token of its own.
  model::Trigger add_trigger(const model::Worker& worker, const std::string& branch = "main");
  // Account, Worker and trigger in one go.
  model::Trigger add_trigger();
  // A queued build of `trigger`, taken in.
  model::Build add_build(const model::Trigger& trigger, const std::string& branch = "main");

  // A hook of the Worker.
  model::DeployHook add_deploy_hook(const std::string& account_id, const std::string& worker_tag,
                                    const std::string& name = "cms", const std::string& branch = "main");

  // A valid new build that is not stored yet.
  [[nodiscard]] store::NewBuild make_build(const model::Trigger& trigger, const std::string& branch = "main");
  // A claim with a fresh lease of 30 s and a token hash made from it.
  [[nodiscard]] store::ClaimRequest make_claim(const std::string& runner_id = "runner-1",
                                               int max_running = 6);
  // claim(make_claim()); ends the test program when there is nothing to claim.
  store::Claimed claim_next(const store::ClaimRequest& request);
};

}  // namespace kiln::testing
