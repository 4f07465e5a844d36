// What one server is made of, and how its rooms are tied together. Owned by Service; each part says itself
// which threads may touch it.
#pragma once

#include <unistd.h>

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <thread>

#include "api/auth.h"
#include "api/builds/routes.h"
#include "api/error_table.h"
#include "api/hooks/refused_deliveries.h"
#include "api/runner/routes.h"
#include "app/audit_age.h"
#include "app/commits.h"
#include "app/counted.h"
#include "app/d1_parts.h"
#include "app/data_dir.h"
#include "app/disk_watch.h"
#include "app/doctor.h"
#include "app/event_parts.h"
#include "app/forge_parts.h"
#include "app/health_rows.h"
#include "app/kv_parts.h"
#include "app/lease_watch.h"
#include "app/metrics_parts.h"
#include "app/oidc_part.h"
#include "app/public_routes.h"
#include "app/push_git.h"
#include "app/queue_parts.h"
#include "app/r2_parts.h"
#include "app/readiness.h"
#include "app/room_options.h"
#include "app/runner_process.h"
#include "app/served_workers.h"
#include "app/service.h"
#include "app/tls_part.h"
#include "app/trace_parts.h"
#include "app/upkeep_parts.h"
#include "app/watch_git.h"
#include "app/workers_site.h"
#include "base/resolver.h"
#include "base/secret_box.h"
#include "events/local_hub.h"
#include "http/server.h"
#include "queue/queue.h"
#include "scm/git/git.h"
#include "serving/cron/runner.h"
#include "serving/queues/runner.h"
#include "serving/validator.h"
#include "serving/workerd_runtimes.h"
#include "store/sqlite/account_store.h"
#include "store/sqlite/asset_store.h"
#include "store/sqlite/attestation_store.h"
#include "store/sqlite/audit_store.h"
#include "store/sqlite/badge_store.h"
#include "store/sqlite/build_queue.h"
#include "store/sqlite/build_store.h"
#include "store/sqlite/build_token_store.h"
#include "store/sqlite/connection_store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/delivery_store.h"
#include "store/sqlite/deploy_hook_store.h"
#include "store/sqlite/event_store.h"
#include "store/sqlite/glance_store.h"
#include "store/sqlite/host_route_store.h"
#include "store/sqlite/id_store.h"
#include "store/sqlite/log_store.h"
#include "store/sqlite/preview_store.h"
#include "store/sqlite/pull_request_store.h"
#include "store/sqlite/route_resolver.h"
#include "store/sqlite/schedule_store.h"
#include "store/sqlite/session_store.h"
#include "store/sqlite/story_store.h"
#include "store/sqlite/trigger_store.h"
#include "store/sqlite/version_store.h"
#include "store/sqlite/watch_store.h"
#include "store/sqlite/worker_store.h"
#include "watch/watcher.h"
#include "workers/ports.h"

namespace kiln::app {

// Calls of git to other hosts at once; the threads beyond them are for repositories of this machine.
inline constexpr std::size_t kGitHosts =
    http::kWorkRooms[static_cast<std::size_t>(http::Work::git)].threads * 3 / 4;

// Ties the server's waiting replies to the hub.
class HubWakes final : public http::WakeSource {
 public:
  explicit HubWakes(events::Hub& hub) : hub_(hub) {}
  std::uint64_t subscribe(const std::string& topic, std::function<void()> wake) override {
    return hub_.subscribe(topic, std::move(wake));
  }
  void unsubscribe(std::uint64_t ticket) override { hub_.unsubscribe(ticket); }

 private:
  events::Hub& hub_;
};

inline constexpr TimeMs kLeaseWatchMs = 5'000;
inline constexpr TimeMs kRedeliveryLookMs = TimeMs{5} * 60'000;

// Without state, so that the database and what stands on it share it.
inline const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

// Members stand in the order they are made; each may hold references to those above it.
struct Service::Impl {
  Impl(ServiceOptions given, DataDir directory, SecretBox key,
       std::unique_ptr<store::sqlite::Database> opened)
      : options(std::move(given)),
        data(std::move(directory)),
        clock(system_clock()),
        box(std::move(key)),
        database(std::move(opened)) {}

  ServiceOptions options;
  DataDir data;
  const Clock& clock;
  api::RunnerNotes runner_notes{clock};
  SystemEntropy entropy;
  SystemProcesses processes;
  SecretBox box;
  std::unique_ptr<store::sqlite::Database> database;
  store::sqlite::SqliteAuditStore audit{*database};
  store::sqlite::SqliteAccountStore accounts{*database};
  Readiness readiness{data.path(), accounts, runner_notes, clock};
  store::sqlite::SqliteConnectionStore connections{*database, box, entropy};
  store::sqlite::SqliteBuildTokenStore build_tokens{*database, box, entropy};
  store::sqlite::SqliteTriggerStore triggers{*database, box, entropy};
  store::sqlite::SqliteBuildStore builds{*database};
  store::sqlite::SqliteLogStore logs{*database};
  store::sqlite::SqliteStoryStore stories{*database};
  store::sqlite::SqliteGlanceStore glances{*database};
  MetricsParts metrics{{*database, stories, runner_notes, clock, data.path(),
                        [this] { return runtimes.running(); }, options.config.metrics_per_worker}};
  store::sqlite::SqliteIdStore ids{*database};
  store::sqlite::SqliteEventStore account_events{*database};
  store::sqlite::SqliteSessionStore session_store{*database};
  store::sqlite::SqliteBuildQueue build_queue{*database, box, entropy};
  store::sqlite::SqliteWorkerStore worker_store{*database};
  store::sqlite::SqliteVersionStore versions{*database, box, entropy};
  store::sqlite::SqliteAttestationStore attestations{*database, box, entropy};
  store::sqlite::SqlitePreviewStore previews{*database};
  store::sqlite::SqliteAssetStore assets{*database};
  store::sqlite::SqliteHostRouteStore host_routes{*database};
  store::sqlite::SqliteRouteResolver route_resolver{*database};
  store::sqlite::SqliteDeployHookStore deploy_hooks{*database, box, entropy};
  store::sqlite::SqliteBadgeStore badges{*database, box, entropy};
  store::sqlite::SqlitePullRequestStore pull_requests{*database};
  store::sqlite::SqliteDeliveryStore deliveries{*database};
  store::sqlite::SqliteWatchStore watches{*database};
  api::RefusedDeliveries refused{deliveries, clock, entropy};
  KvParts kv{*database, data.kv(), clock, kv_limits(options)};
  store::sqlite::SqliteD1DatabaseStore d1_databases{*database};
  R2Parts r2{*database, data.r2(), clock, entropy, r2_limits(options)};
  QueueParts queues{*database, entropy, options.config.queue};
  workers::BlobStore blobs{data.blobs()};
  workers::AccountHosts hosts{accounts, options.config.workers_domain, options.config.workers_url};
  workers::Ports worker_ports{worker_store,
                              versions,
                              previews,
                              assets,
                              host_routes,
                              kv.namespaces,
                              d1_databases,
                              r2.buckets,
                              queues.queues,
                              blobs,
                              clock,
                              entropy,
                              hosts,
                              options.config.max_aliases,
                              zones_of(options.config)};
  serving::WorkerdValidator prober{engine_at(options), data.runtime() / "dates"};
  serving::EngineDates dates{processes, engine_at(options).workerd,
                             [this](const std::string& date) { return prober.try_date(date); }};
  serving::WorkerdValidator validator{engine_of(options, dates), data.runtime() / "try"};
  ServedWorkers served{worker_ports, route_resolver, dates};
  std::string calls_secret = entropy.hex32();
  events::LocalHub hub;
  Doctor doctor{doctor_call(options, data), processes, hub, clock};
  workers::Tails tails{clock, entropy, hub};
  serving::WorkerdRuntimes runtimes{
      versions, blobs, counted(runtime_options(options, data, calls_secret, dates), metrics.counts()),
      [this, log = serving::log_sink()](const Uuid& version, const std::string& worker_tag,
                                        const workers::TailedLine& line) {
        log(version, worker_tag, line);
        if (tails.any()) tails.line(worker_tag, version, line);
      }};
  D1Parts d1{d1_databases, options, data, calls_secret, dates, clock, entropy};
  store::sqlite::SqliteScheduleStore schedules{*database};
  serving::CronRunner cron{schedules, route_resolver, runtimes, clock, {}};
  serving::QueueRunner queue_runner{queues.batches, queues.messages, route_resolver, runtimes,
                                    queue_runner_options(tails, metrics.counts())};
  SystemResolver resolver;
  // The settings were checked when they were read.
  scm::Git git{processes, data.mirrors(), *scm::Reach::make(options.config.git_allow, resolver),
               options.config.git};
  HubWakes wakes{hub};
  // What waits for git at a host is asked again when the host has a place.
  scm::HostSlots git_hosts{{static_cast<std::size_t>(options.config.git_calls_per_host), kGitHosts},
                           [this](const std::string& topic) { hub.notify(topic); }};
  events::BuildReports reports{{stories, logs,
                                [this](const model::Build& build, const std::string& worker) {
                                  return preview_addresses(hosts, build, worker);
                                },
                                [this] { return public_url(); }}};
  EventParts events{*database,
                    box,
                    entropy,
                    builds,
                    reports,
                    clock,
                    *scm::Reach::make(options.config.events_allow, resolver, scm::Reach::Who::events)};
  TraceParts traces{*database,
                    stories,
                    versions,
                    clock,
                    {options.config.traces_endpoint, options.config.traces_authorization}};
  ForgeParts forges{*database,
                    box,
                    entropy,
                    connections,
                    hub,
                    clock,
                    *scm::Reach::make(options.config.git_allow, resolver),
                    reports,
                    [this](const std::vector<store::OutboxRow>& rows) {
                      Result<store::EventWishes> wishes = events.fan_out().wishes(rows);
                      if (wishes) traces.add_wishes(rows, *wishes);
                      return wishes;
                    },
                    [this] {
                      events.wake();
                      traces.wake();
                      queue_runner.wake({});
                    },
                    [this](const std::vector<store::OutboxRow>& rows) { metrics.handed_on(rows); },
                    kRedeliveryLookMs};
  RepoKeys repo_keys{connections, forges.directory()};
  PushGit push_git{git, repo_keys};
  queue::Queue queue{{build_queue, connections, triggers, pull_requests, worker_store, builds},
                     hub,
                     clock,
                     entropy,
                     queue_settings(options.config)};
  WatchGit watch_git{git, repo_keys};
  watch::Watcher watcher{{watches, triggers, queue, watch_git, clock, entropy},
                         TimeMs{options.config.catch_up_seconds} * 1000};
  read_cache::BuildTexts texts{builds,
                               triggers,
                               hosts,
                               database->changes(),
                               options.config.environment_variables,
                               {.folder = data.path(), .disk = options.config.read_cache}};
  UpkeepParts upkeep{*database,
                     box,
                     entropy,
                     blobs,
                     hub,
                     clock,
                     data.path(),
                     data.secrets_key(),
                     data.kv(),
                     data.d1(),
                     r2.objects,
                     data.r2(),
                     options.config.retention,
                     [this] { return sweep(Strays::copies); }};
  api::PendingApps pending_apps{clock, entropy};
  api::Sessions sessions{session_store, database->changes(), clock, {}};
  std::unique_ptr<api::sessions::OidcProvider> oidc;  // null: nobody signs in by one
  api::Gate gate{accounts,
                 database->changes(),
                 clock,
                 geteuid(),
                 options.config.failed_auth_per_minute,
                 options.config.preview_token,
                 &sessions,
                 &audit};
  http::Router public_router;   // TCP: the page besides
  http::Router control_router;  // the administrator's socket, where the data directory's owner needs no token
  http::Router runner_router;   // the runner's socket
  http::Server server{public_router, wakes, api::error_response,
                      counted(server_options(options.descriptors, options.config), metrics)};
  AuditAge audit_age{audit, clock, options.config.audit_keep_days};
  DiskWatch disk_watch{forges.outbox(), hub, [this] { return free_bytes(data.path()); },
                       options.config.build.min_free_disk};
  LeaseWatch lease_watch{queue, kLeaseWatchMs, [this] {
                           gate.write_uses();
                           refused.write();
                           audit_age.forget_old();
                           disk_watch.look();
                         }};
  Site site;
  std::unique_ptr<TlsPart> tls;  // hands connections to the server and the site; null: no TLS of our own
  std::unique_ptr<RunnerProcess> runner;
  std::string account_id;
  std::string url;
  std::string metrics_url;  // empty: nobody may scrape
  bool stopped = false;
  std::jthread versions_reader;  // look-ups wait for nothing, they are only quicker when it is through

  Status open_account();
  Status open_sign_in();
  Status listen();
  Status start_site();
  Status start_tls();
  void route();
  Status make_runner();
  Status start_serving();
  Status sweep(Strays which);  // of what bindings keep
  Status announce();
  [[nodiscard]] api::BuildsDeps builds_deps();
  [[nodiscard]] api::ControlDeps control_deps();
  [[nodiscard]] PublicRoutes public_routes();
  // With which deliveries prove themselves: of a connection, and what the settings say for a kind of host.
  [[nodiscard]] Result<std::vector<std::string>> hook_secrets(const model::RepoConnection& connection);
  [[nodiscard]] std::vector<std::string> settings_secrets(std::string_view provider) const;
  [[nodiscard]] std::vector<api::HookDeps::AppSecret> app_secrets(std::string_view provider,
                                                                  const std::string& app_id);
  [[nodiscard]] api::SessionDeps session_deps();
  [[nodiscard]] api::sessions::PageRules page_rules() const;
  [[nodiscard]] boost::json::object status();
  [[nodiscard]] ServerLook look();
  // Builds that a runner has.
  [[nodiscard]] Result<std::int64_t> running();
  void drain(bool draining);
  [[nodiscard]] std::string workers_url() const;
  [[nodiscard]] std::string public_url() const {
    return options.config.public_url.empty() ? url : options.config.public_url;
  }
};

}  // namespace kiln::app
