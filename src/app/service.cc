#include "app/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "api/auth.h"
#include "api/builds/routes.h"
#include "api/control/routes.h"
#include "api/error_table.h"
#include "api/runner/routes.h"
#include "app/admission.h"
#include "app/commits.h"
#include "app/data_dir.h"
#include "app/lease_watch.h"
#include "app/public_routes.h"
#include "app/push_git.h"
#include "app/readiness.h"
#include "app/room_options.h"
#include "app/runner_process.h"
#include "app/served_workers.h"
#include "app/workers_site.h"
#include "base/log.h"
#include "base/memory_file.h"
#include "base/resolver.h"
#include "base/secret_box.h"
#include "base/version.h"
#include "events/local_hub.h"
#include "http/server.h"
#include "queue/queue.h"
#include "scm/git/git.h"
#include "serving/cron/runner.h"
#include "serving/front/route_cache.h"
#include "serving/validator.h"
#include "serving/workerd_runtimes.h"
#include "store/sqlite/account_store.h"
#include "store/sqlite/build_queue.h"
#include "store/sqlite/build_store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/deploy_hook_store.h"
#include "store/sqlite/pull_request_store.h"
#include "store/sqlite/route_store.h"
#include "store/sqlite/schedule_store.h"
#include "store/sqlite/sealed_rows.h"
#include "store/sqlite/trigger_store.h"
#include "store/sqlite/worker_store.h"
#include "workers/ports.h"

namespace kiln::app {
namespace {

constexpr const char* kRunnerId = "embedded";
constexpr TimeMs kLeaseWatchMs = 5'000;
// A socket's path has at most 107 bytes (unix(7)); the longest below the folder is "/try/9999/s.9999".
constexpr std::size_t kLongestRuntime = 107 - 16;

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

// An IPv6 address stands in brackets.
std::string url_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// Without state, so that the database and what stands on it share it.
const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

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
  store::sqlite::SqliteAccountStore accounts{*database};
  Readiness readiness{data.path(), accounts, runner_notes, clock};
  store::sqlite::SqliteTriggerStore triggers{*database, box, entropy};
  store::sqlite::SqliteBuildStore builds{*database};
  store::sqlite::SqliteBuildQueue build_queue{*database, box, entropy};
  store::sqlite::SqliteWorkerStore worker_store{*database, box, entropy};
  store::sqlite::SqliteDeployHookStore deploy_hooks{*database, box, entropy};
  store::sqlite::SqlitePullRequestStore pull_requests{*database};
  workers::BlobStore blobs{data.blobs()};
  store::sqlite::SqliteRouteStore routes{*database};
  workers::AccountHosts hosts{accounts, options.config.workers_domain, options.config.workers_url};
  workers::Ports worker_ports{worker_store, blobs, clock, entropy, hosts, options.config.max_aliases,
                              nullptr,      {},    {},    {},      {},    zones_of(options.config)};
  serving::WorkerdValidator prober{engine_at(options), data.runtime() / "dates"};
  serving::EngineDates dates{processes, [this] { return engine_at(options).program(); },
                             [this](const std::string& date) { return prober.try_date(date); }};
  serving::WorkerdValidator validator{engine_of(options, dates), data.runtime() / "try"};
  ServedWorkers served{worker_ports, routes, dates};
  std::string calls_secret = entropy.hex32();
  events::LocalHub hub;
  workers::Tails tails{clock, entropy, hub};
  serving::WorkerdRuntimes runtimes{
      worker_store, blobs, runtime_options(options, data, calls_secret, dates),
      [this, log = serving::log_sink()](const Uuid& version, const std::string& worker_tag,
                                        const workers::TailedLine& line) {
        log(version, worker_tag, line);
        if (tails.any()) tails.line(worker_tag, version, line);
      }};
  store::sqlite::SqliteScheduleStore schedules{*database};
  serving::CronRunner cron{schedules, routes, runtimes, clock, {}};
  SystemResolver resolver;
  // The settings were checked when they were read.
  scm::Git git{processes, data.mirrors(), *scm::Reach::make(options.config.git_allow, resolver),
               options.config.git};
  HubWakes wakes{hub};
  // What waits for git at a host is asked again when the host has a place.
  scm::HostSlots git_hosts{static_cast<std::size_t>(options.config.git_calls_per_host),
                           [this](const std::string& topic) { hub.notify(topic); }};
  PushGit push_git{git, triggers};
  queue::Queue queue{build_queue, triggers, pull_requests, worker_store,
                     hub,         clock,    entropy,       queue_settings(options.config)};
  read_cache::BuildTexts texts{builds,
                               triggers,
                               hosts,
                               database->changes(),
                               options.config.environment_variables,
                               {.folder = data.path(), .disk = options.config.read_cache}};
  api::Gate gate{accounts,
                 database->changes(),
                 clock,
                 geteuid(),
                 options.config.failed_auth_per_minute,
                 options.config.preview_token};
  http::Router public_router;   // TCP
  http::Router control_router;  // the administrator's socket: everything public, and what only the owner may
  http::Router runner_router;   // the runner's socket
  http::Server server{public_router, wakes, api::error_response,
                      server_options(options.descriptors, options.config)};
  LeaseWatch lease_watch{queue, kLeaseWatchMs, [this] { gate.write_uses(); }};
  Site site;
  std::unique_ptr<RunnerProcess> runner;
  std::string account_id;
  std::string url;
  bool stopped = false;
  std::jthread versions_reader;  // look-ups wait for nothing, they are only quicker when it is through

  Status open_account();
  Status listen();
  Status start_site();
  void route();
  Status make_runner();
  Status start_serving();
  Status announce();
  [[nodiscard]] api::BuildsDeps builds_deps();
  [[nodiscard]] PublicRoutes public_routes();
  [[nodiscard]] boost::json::object status() const;
  [[nodiscard]] std::string workers_url() const {
    return fmt::format("http://{}:{}", url_host(options.workers_host), site.port);
  }
  [[nodiscard]] std::string public_url() const {
    return options.config.public_url.empty() ? url : options.config.public_url;
  }
};

// A database in which there is no account is none that a server ran on.
Status Service::Impl::open_account() {
  if (!data.is_new()) {
    const Result<std::vector<model::Account>> known = accounts.accounts();
    if (!known) return tl::unexpected<Error>(known.error());
    if (known->empty())
      return tl::unexpected<Error>(data.with_advice(
          {Errc::corrupt,
           data.database().string() + " knows no account, and this data directory is not new",
           {}}));
  }
  model::Account fresh;
  fresh.id = entropy.hex32();
  fresh.name = "Kiln";
  fresh.subdomain = options.config.subdomain;
  fresh.created_on = clock.now();
  const Result<model::Account> account = accounts.default_account(fresh);
  if (!account) return tl::unexpected<Error>(account.error());
  account_id = account->id;
  if (Status made = data.made(); !made) return made;
  if (account->subdomain == options.config.subdomain) return {};
  return accounts.set_subdomain(account_id, options.config.subdomain);
}

Status Service::Impl::start_site() {
  if (!options.config.serve_workers) return {};
  const SiteOptions where{options.workers_host,
                          options.workers_port,
                          data.calls_socket(),
                          data.cache_socket(),
                          calls_secret,
                          &tails,
                          share_connections(options.descriptors, options.config)};
  Result<Site> started =
      app::start_site(routes, database->changes(), runtimes, clock, entropy, options.config, where);
  if (!started) return tl::unexpected<Error>(started.error());
  site = std::move(*started);
  hosts.serve_at(site.port);
  if (Status calls = serving::open_to_callers(data.calls_socket()); !calls) return calls;
  return serving::open_to_callers(data.cache_socket());
}

api::BuildsDeps Service::Impl::builds_deps() {
  return {
      builds,
      triggers,
      worker_store,
      deploy_hooks,
      queue,
      clock,
      entropy,
      texts,
      [this](const model::RepoConnection& connection, const std::string& branch, const std::string& commit) {
        return find_commit(git, triggers, connection, branch, commit);
      },
      [this](const model::RepoConnection& connection, const std::string& branch, const std::string& root) {
        return find_config(git, triggers, connection, branch, root);
      },
      [this](const model::RepoConnection& connection, const std::string& branch, const scm::Seed& seed) {
        return seed_branch(git, triggers, connection, branch, seed);
      },
      git_hosts,
      [this](const std::string& place) { return git.may_reach(place); },
      [this] { return runner_notes.nobody_takes(); }};
}

PublicRoutes Service::Impl::public_routes() {
  return {gate,
          [this] { return readiness.ask(); },
          builds_deps(),
          {worker_ports, accounts, tails},
          {triggers, queue, clock, options.config.github_webhook_secret,
           [this](const model::RepoConnection& connection, const model::PushEvent& push,
                  api::HookDeps::Until until) { return push_git.changed_files(connection, push, until); },
           [this](const model::RepoConnection& connection, const std::string& hash,
                  api::HookDeps::Until until) { return push_git.commit(connection, hash, until); },
           [this] { return runner_notes.nobody_takes(); }}};
}

void Service::Impl::route() {
  add_public_routes(public_router, public_routes());
  add_public_routes(control_router, public_routes());
  api::add_control_routes(control_router, gate,
                          {builds_deps(), accounts, public_url(), [this] { return status(); },
                           [this](const api::UrlAsked& asked) {
                             return serving::find_route(routes, places_of(options.config),
                                                        {asked.host, asked.target, asked.secure});
                           },
                           [this](const model::RepoConnection& connection) {
                             return default_branch(git, triggers, connection);
                           }});
  api::add_runner_routes(runner_router, gate, queue, runner_notes,
                         {[this](const Uuid& build) { return served_uploads(served, build); },
                          [this](const Uuid& build, const std::vector<wire::RouteAsked>& asked) {
                            return check_routes(served, build, asked);
                          }});
}

Status Service::Impl::listen() {
  const Result<std::uint16_t> port = server.listen_tcp(options.host, options.port);
  if (!port) return tl::unexpected<Error>(port.error());
  url = fmt::format("http://{}:{}", options.host, *port);
  queue.set_api_base_url(url + "/client/v4");
  route();
  if (Status control = server.listen_unix(data.control_socket().string(), control_router); !control)
    return control;
  return server.listen_unix(data.runner_socket().string(), runner_router);
}

Status Service::Impl::make_runner() {
  RunnerCommand command{
      options.program_folder / "kiln-runner",
      {"--server", "unix:" + data.runner_socket().string(), "--root", data.runner().string(), "--tools",
       tools_of(options).string(), "--agent", (options.program_folder / "kiln-agent").string(), "--runner-id",
       kRunnerId, "--concurrency", std::to_string(options.config.concurrency)}};
  // The text that was judged, not the file: whoever edits that meanwhile changes nothing until the next
  // start.
  if (!options.config.text.empty()) {
    Result<Fd> settings = memory_file(options.config.text);
    if (!settings) return tl::unexpected<Error>(std::move(settings.error()));
    command.settings = std::move(*settings);
    command.arguments.insert(command.arguments.end(), {"--config", kRunnerSettings});
  }
  runner = std::make_unique<RunnerProcess>(
      std::move(command), [this] { runner_notes.started(kRunnerId); },
      [this](const std::string& how) {
        runner_notes.ended(kRunnerId, how);
        if (Status done = queue.recover(kRunnerId); !done)
          log::error("taking builds back: {}", done.error().message);
      });
  return {};
}

// A server without workerd still builds; uploads are refused with the same words.
Status Service::Impl::start_serving() {
  // The lock on the data directory is ours: what stands here belonged to processes that died with their
  // server.
  if (Status gone = remove_tree(data.runtime()); !gone) return gone;
  if (!options.config.serve_workers) return {};
  if (const std::size_t size = data.runtime().native().size(); size > kLongestRuntime) {
    return fail(
        Errc::invalid,
        fmt::format("the path of the data directory, {}, is {} bytes too long for the sockets of Workers in "
                    "it; use a shorter --data-dir",
                    data.path().string(), size - kLongestRuntime),
        "--data-dir");
  }
  for (const std::filesystem::path& folder :
       {data.runtime(), data.runtime() / "try", data.runtime() / "dates"}) {
    if (Status made = make_directory(folder, 0700); !made) return made;
  }
  if (const Status fits = serving::check_engine(engine_of(options, dates)); !fits)
    log::error("Workers cannot be validated or run: {}", fits.error().message);
  worker_ports.validator = &validator;
  worker_ports.start_ahead = [this](const Uuid& version) {
    runtimes.acquire(version, [version](const Result<serving::Endpoint>& ready) {
      if (!ready)
        log::warn("not started ahead version={} reason=\"{}\"", version.str(), ready.error().message);
    });
  };
  worker_ports.run_date = [this](const std::string& asked) { return dates.run_date(asked); };
  worker_ports.renew = [this](const std::string& worker_tag) { runtimes.renew(worker_tag); };
  worker_ports.schedules_changed = [this] { cron.wake(); };
  runtimes.start();
  return {};
}

boost::json::object Service::Impl::status() const {
  boost::json::object status = {{"account_id", account_id},
                                {"api_base_url", url + "/client/v4"},
                                {"version", kVersion},
                                {"url", url},
                                {"public_url", public_url()},
                                {"data_dir", data.path().string()},
                                {"pid", getpid()},
                                {"runner_pid", runner ? runner->pid() : 0},
                                {"concurrency", options.config.concurrency},
                                {"workers_url", site.front ? boost::json::value(workers_url()) : nullptr},
                                {"workers_domain", options.config.workers_domain},
                                {"subdomain", hosts.of(account_id).subdomain}};
  if (const std::optional<model::PublicOrigin>& proxy = options.config.workers_url; proxy && site.front)
    status["workers_public_url"] = hosts.of(account_id).url_of(proxy->host);
  tell_domains(served, status);
  const std::map<std::string, std::string> paused = runner_notes.paused();
  if (!paused.empty()) {
    boost::json::object& reasons = status["paused_runners"].emplace_object();
    for (const auto& [id, why] : paused) reasons[id] = why;
  }
  if (const std::optional<std::string> why = runner_notes.nobody_takes()) status["no_builds"] = *why;
  return status;
}

Status Service::Impl::announce() {
  const boost::json::object reached = {{"account_id", account_id},
                                       {"api_base_url", url + "/client/v4"},
                                       {"pid", getpid()},
                                       {"version", kVersion}};
  return write_file_durably(data.server_file(), boost::json::serialize(reached) + "\n", 0600);
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Service>> Service::start(ServiceOptions options) {
  Result<DataDir> data = DataDir::open(options.data_dir);
  if (!data) return tl::unexpected<Error>(data.error());
  const auto refuse = [&data](Error error) {
    return tl::unexpected<Error>(data->with_advice(std::move(error)));
  };
  SystemEntropy entropy;
  Result<SecretBox> box = data->is_new() ? SecretBox::open_or_make(data->secrets_key(), entropy)
                                         : SecretBox::open(data->secrets_key());
  if (!box) return refuse(box.error());
  using store::sqlite::Database;
  auto database = Database::open(data->database(), system_clock(),
                                 data->is_new() ? Database::May::open_or_make : Database::May::open);
  if (!database) return refuse(database.error());
  if (Status fits = store::sqlite::check_key(**database, *box); !fits)
    return refuse(context(fits.error(), data->secrets_key().string()).value());
  auto impl =
      std::make_unique<Impl>(std::move(options), std::move(*data), std::move(*box), std::move(*database));
  if (Status sealed = impl->triggers.seal_credentials_in_urls(); !sealed)
    return tl::unexpected<Error>(sealed.error());
  if (Status opened = impl->open_account(); !opened) return tl::unexpected<Error>(opened.error());
  // The data directory's lock is ours, so whatever an embedded runner held before, it holds no more.
  if (Status recovered = impl->queue.recover(kRunnerId); !recovered)
    return tl::unexpected<Error>(recovered.error());
  if (Status serving = impl->start_serving(); !serving) return tl::unexpected<Error>(serving.error());
  if (Status site = impl->start_site(); !site) return tl::unexpected<Error>(site.error());
  if (impl->options.config.serve_workers) impl->cron.start();
  if (Status listening = impl->listen(); !listening) return tl::unexpected<Error>(listening.error());
  if (impl->options.config.run_embedded_runner) {
    if (Status made = impl->make_runner(); !made) return tl::unexpected<Error>(made.error());
  }
  impl->push_git.start();
  impl->server.start();
  impl->lease_watch.start();
  impl->versions_reader = std::jthread([builds = &impl->builds](const std::stop_token& stop) {
    if (const Status read = builds->learn_versions(stop); !read)
      log::warn("reading which build made which version: {}", read.error().message);
  });
  if (impl->runner) impl->runner->start();
  if (Status announced = impl->announce(); !announced) return tl::unexpected<Error>(announced.error());
  log::info("listening url={} data_dir={} account={}", impl->url, impl->data.path().string(),
            impl->account_id);
  return std::unique_ptr<Service>(new Service(std::move(impl)));
}

Service::~Service() {
  stop();
}

void Service::stop() {
  if (impl_->stopped) return;
  impl_->stopped = true;
  std::error_code ignored;
  std::filesystem::remove(impl_->data.server_file(), ignored);
  // The runner first: its last words still reach the server.
  if (impl_->runner) impl_->runner->stop();
  impl_->lease_watch.stop();
  impl_->versions_reader.request_stop();
  impl_->processes.end_all();  // nobody waits for a git host any more
  impl_->server.stop();
  impl_->push_git.stop();
  impl_->gate.write_uses();
  impl_->site.stop();
  impl_->runtimes.stop();
  impl_->cron.stop();  // its runs have ended with their processes
}

const std::string& Service::url() const {
  return impl_->url;
}

}  // namespace kiln::app
