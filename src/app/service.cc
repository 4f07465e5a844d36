#include "app/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "app/admission.h"
#include "app/listen_url.h"
#include "app/service_parts.h"
#include "base/fs.h"
#include "base/http_client.h"
#include "base/log.h"
#include "base/memory_file.h"
#include "base/version.h"
#include "store/sqlite/sealed_rows.h"

namespace kiln::app {
namespace {

constexpr const char* kRunnerId = "embedded";
constexpr std::size_t kScrapers = 16;  // connections at once
// A socket's path has at most 107 bytes (unix(7)); the longest below the folder is "/try/9999/s.9999".
constexpr std::size_t kLongestRuntime = 107 - 16;

}  // namespace

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

// Whoever the provider let in by other settings signs in anew, or not at all.
Status Service::Impl::open_sign_in() {
  const model::OidcSettings& settings = options.config.oidc;
  Result<std::unique_ptr<api::sessions::OidcProvider>> provider = make_oidc(settings, clock);
  if (!provider) return tl::unexpected<Error>(provider.error());
  oidc = std::move(*provider);
  if (!settings.account_id.empty()) {
    if (const Result<model::Account> account = accounts.account(settings.account_id); !account)
      return fail(Errc::invalid, "oidc.account_id: " + account.error().message, "--config");
  }
  if (oidc && settings.roles.view.empty() && settings.roles.operate.empty() &&
      settings.roles.administer.empty())
    log::warn(
        "[oidc] gives no group a role, so that nobody can sign in by {}; set oidc.view, oidc.operate, "
        "oidc.administer",
        settings.issuer);
  return session_store.end_sessions_granted_otherwise(model::grant_of(settings));
}

Status Service::Impl::start_site() {
  if (!options.config.serve_workers) return {};
  const SiteOptions where{
      options.workers_host,
      options.workers_port,
      data.calls_socket(),
      data.cache_socket(),
      data.kv_socket(),
      data.r2_socket(),
      data.queues_socket(),
      calls_secret,
      &tails,
      share_connections(options.descriptors, options.config),
      [this](const store::Route& route, int status, bool by_worker) {
        metrics.counts().worker_request({route.account_id, route.worker_name}, status, by_worker);
      },
      [this](const std::string& queue_id) { queue_runner.wake(queue_id); }};
  Result<Site> started = app::start_site(route_resolver, database->changes(), runtimes,
                                         {kv.values, r2.objects, queues.queues, queues.messages}, clock,
                                         entropy, options.config, where);
  if (!started) return tl::unexpected<Error>(started.error());
  site = std::move(*started);
  hosts.serve_at(site.port);
  for (const std::filesystem::path& socket :
       {data.calls_socket(), data.cache_socket(), data.kv_socket(), data.r2_socket(), data.queues_socket()}) {
    if (Status open = serving::open_to_callers(socket); !open) return open;
  }
  return {};
}

Status Service::Impl::listen() {
  const Result<std::uint16_t> port = server.listen_tcp(options.host, options.port);
  if (!port) return tl::unexpected<Error>(port.error());
  url = listen_url(options.host, *port);
  queue.set_api_base_url(url + "/client/v4");
  if (!options.metrics_host.empty()) {
    const Result<std::uint16_t> scraped =
        server.listen_tcp(options.metrics_host, options.metrics_port, metrics.router(), kScrapers);
    if (!scraped) return context(scraped.error(), "where metrics are read (--metrics-listen)");
    metrics_url = listen_url(options.metrics_host, *scraped) + "/metrics";
  }
  route();
  if (Status control = server.listen_unix(data.control_socket().string(), control_router); !control)
    return control;
  return server.listen_unix(data.runner_socket().string(), runner_router);
}

Status Service::Impl::start_tls() {
  if (options.tls_host.empty()) return {};
  TlsPart::Served behind{
      page_rules().hosts, [this](Fd connection) { server.take(std::move(connection)); }, {}};
  if (site.front) behind.workers = [this](Fd connection) { site.front->take(std::move(connection)); };
  auto started =
      TlsPart::start(options.config.tls, {options.tls_host, options.tls_port},
                     share_connections(options.descriptors, options.config).tls, std::move(behind));
  if (!started) return tl::unexpected<Error>(started.error());
  tls = std::move(*started);
  log::info("speaking TLS host={} port={}", options.tls_host, tls->port());
  return {};
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
Status Service::Impl::sweep(Strays which) {
  for (const KeptSpaces& kept : {kv.kept(), d1.kept(), r2.kept()}) {
    if (Status swept = take_away_strays(kept, which, versions); !swept) return swept;
  }
  // Uploads that nobody completes; at a start it would open every bucket.
  return which == Strays::copies ? r2.objects.sweep() : Status();
}

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
  if (Status started = d1.start(share_connections(options.descriptors, options.config).calls); !started)
    return started;
  worker_ports.validator = &validator;
  worker_ports.start_ahead = [this](const Uuid& version) {
    queue_runner.renew();  // for a Worker that could not be called before
    runtimes.acquire(version, [version](const Result<serving::Endpoint>& ready) {
      if (!ready)
        log::warn("not started ahead version={} reason={}", version.str(),
                  log::quoted(ready.error().message));
    });
  };
  worker_ports.run_date = [this](const std::string& asked) { return dates.run_date(asked); };
  worker_ports.renew = [this](const std::string& worker_tag) { runtimes.renew(worker_tag); };
  worker_ports.schedules_changed = [this] { cron.wake(); };
  runtimes.start();
  return {};
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
  if (Status sealed = impl->connections.seal_credentials_in_urls(); !sealed)
    return tl::unexpected<Error>(sealed.error());
  if (Status opened = impl->open_account(); !opened) return tl::unexpected<Error>(opened.error());
  if (Status signing = impl->open_sign_in(); !signing) return tl::unexpected<Error>(signing.error());
  // The data directory's lock is ours, so whatever an embedded runner held before, it holds no more.
  if (Status recovered = impl->queue.recover(kRunnerId); !recovered)
    return tl::unexpected<Error>(recovered.error());
  if (Status swept = impl->sweep(Strays::all); !swept) return tl::unexpected<Error>(swept.error());
  if (Status serving = impl->start_serving(); !serving) return tl::unexpected<Error>(serving.error());
  if (Status site = impl->start_site(); !site) return tl::unexpected<Error>(site.error());
  if (impl->options.config.serve_workers) {
    impl->cron.start();
    if (Status started = impl->queue_runner.start(); !started) return tl::unexpected<Error>(started.error());
  }
  if (Status listening = impl->listen(); !listening) return tl::unexpected<Error>(listening.error());
  if (impl->options.config.run_embedded_runner) {
    if (Status made = impl->make_runner(); !made) return tl::unexpected<Error>(made.error());
  }
  impl->push_git.start();
  impl->events.start();
  impl->traces.start();
  impl->forges.start();
  impl->watcher.start();
  impl->server.start();
  if (Status tls = impl->start_tls(); !tls) return tl::unexpected<Error>(tls.error());
  impl->lease_watch.start();
  impl->upkeep.start();
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
  if (impl_->tls) impl_->tls->stop();
  impl_->lease_watch.stop();
  impl_->upkeep.stop();
  impl_->versions_reader.request_stop();
  impl_->processes.end_all();  // nobody waits for a git host any more
  impl_->doctor.stop();
  impl_->server.stop();
  impl_->push_git.stop();
  impl_->forges.stop();
  impl_->watcher.stop();
  impl_->events.stop();
  impl_->traces.stop();
  impl_->gate.write_uses();
  impl_->refused.write();
  impl_->queue_runner.stop_calling();  // before the Workers that it calls end
  impl_->site.stop();
  impl_->runtimes.stop();
  impl_->d1.stop();
  impl_->cron.stop();  // its runs have ended with their processes
  impl_->queue_runner.stop();
}

void Service::drain() {
  impl_->drain(true);
}

Result<std::int64_t> Service::running() const {
  return impl_->running();
}

void Service::set_log_level(log::Level level) {
  log::set_level(level);
  if (impl_->runner) impl_->runner->set_log_level(level);
}

Status Service::reload_certificates() {
  return impl_->tls ? impl_->tls->reload() : Status();
}

Status Service::answers() const {
  HttpRequest request;
  request.url = "http://kiln/livez";
  request.unix_socket = impl_->data.control_socket().string();
  request.timeout_ms = 5'000;
  const Result<HttpResponse> answer = CurlClient().send(request);
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->status == 200) return {};
  return fail(Errc::unavailable, fmt::format("/livez answered {}", answer->status));
}

Result<std::string> Service::sign_in_link() {
  const Result<api::MadeLoginCode> code =
      api::make_login_code(impl_->session_deps(), {{}, model::Permissions::all(), "kiln serve", 0});
  if (!code) return tl::unexpected<Error>(code.error());
  return impl_->public_url() + "/login#" + code->text;
}

const std::string& Service::url() const {
  return impl_->url;
}

}  // namespace kiln::app
