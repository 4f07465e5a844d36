// What the routes of a server are given, and what it says of itself.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/page/routes.h"
#include "app/commits.h"
#include "app/listen_url.h"
#include "app/service_parts.h"
#include "base/strings.h"
#include "base/version.h"
#include "forges/again.h"
#include "scm/forge/provider.h"
#include "serving/front/route_cache.h"

namespace kiln::app {

std::string Service::Impl::workers_url() const {
  return listen_url(options.workers_host, site.port);
}

api::BuildsDeps Service::Impl::builds_deps() {
  return {
      builds,
      connections,
      triggers,
      build_tokens,
      worker_store,
      deploy_hooks,
      deliveries,
      queue,
      clock,
      entropy,
      texts,
      [this](const model::RepoConnection& connection, const std::string& branch, const std::string& commit) {
        return find_commit(git, repo_keys, connection, branch, commit);
      },
      [this](const model::RepoConnection& connection, const std::string& branch, const std::string& root) {
        return find_config(git, repo_keys, connection, branch, root);
      },
      [this](const model::RepoConnection& connection, const std::string& branch, const scm::Seed& seed) {
        return seed_branch(git, repo_keys, connection, branch, seed);
      },
      git_hosts,
      [this](const std::string& place) { return git.may_reach(place); },
      [this](const model::RepoConnection& connection, const std::string& hook_id) {
        return forges::leave_host(forges.directory(), connection, hook_id);
      },
      [this] { return runner_notes.nobody_takes(); }};
}

api::ControlDeps Service::Impl::control_deps() {
  return {
      builds_deps(),
      accounts,
      public_url(),
      [this] { return status(); },
      [this] { return health_rows(look()); },
      [this] { return doctor.found(); },
      kDoctorTopic,
      [this] { return running(); },
      [this] { return runner_notes.is_draining(); },
      [this](bool draining) { drain(draining); },
      [this](const api::UrlAsked& asked) {
        return serving::find_route(route_resolver, places_of(options.config),
                                   {asked.host, asked.target, asked.secure});
      },
      [this](const model::RepoConnection& connection) { return default_branch(git, repo_keys, connection); },
      [this](const model::RepoConnection& connection) { return host_key(git, repo_keys, connection); },
      [this](const std::string& account, const std::string& at, const std::string& authorization) {
        return can_open(git, account, at, authorization);
      },
      [this](const std::string& account, const std::string& at) {
        using By = connect::HostKind::By;
        const auto forge = forges.directory().forge_at(account, at);
        if (forge && *forge) return connect::HostKind{(*forge)->provider, By::set_up};
        const std::optional<std::string> named = scm::provider_by_name(at);
        return connect::HostKind{named.value_or("github"), named ? By::name : By::nothing};
      },
      [this](const model::RepoConnection& connection, const scm::HookWish& hook) {
        return forges::set_up_at_host(forges.directory(), connections, clock, connection, hook);
      },
      watches,
      options.config.catch_up_seconds,
      [this](const Uuid& connection) { watcher.hurry(connection); },
      upkeep.deps()};
}

PublicRoutes Service::Impl::public_routes() {
  return {
      gate,
      [this] { return readiness.ask(); },
      builds_deps(),
      {worker_ports, accounts, tails},
      {connections, queue, clock,
       [this](const model::RepoConnection& connection) { return hook_secrets(connection); },
       [this](const model::RepoConnection& connection, const model::PushEvent& push,
              api::HookDeps::Until until) { return push_git.changed_files(connection, push, until); },
       [this](const model::RepoConnection& connection, const std::string& hash, api::HookDeps::Until until) {
         return push_git.commit(connection, hash, until);
       },
       [this] { return runner_notes.nobody_takes(); },
       [this](const model::RepoConnection& connection, const model::DeliveryOrigin& origin) {
         refused.note(connection, origin);
       },
       [this](const model::RepoConnection& connection, const std::string& ancestor,
              const std::string& descendant, api::HookDeps::Until until) {
         return push_git.is_ancestor(connection, ancestor, descendant, until);
       },
       [this](std::string_view provider, const std::string& app_id) { return app_secrets(provider, app_id); },
       [this](const model::InstallationNews& news) -> Status {
         forges.directory().forget_all();
         return forges::tell_again(forges.directory(), forges.store(), forges.reports(), news);
       },
       [this](std::string_view provider, std::string_view result) {
         metrics.counts().delivery(provider, result);
       },
       [this](const Uuid& connection) { watcher.hurry(connection); }},
      {forges.store(), forges.directory(), forges.reports(), clock, entropy, pending_apps,
       [this] { return public_url(); }},
      {builds, logs, stories, glances, account_events, versions, queue, runner_notes, texts, hosts, clock,
       ids},
      session_deps(),
      {queues.queues, queues.messages, events.subscriptions(), clock, entropy,
       [this](const std::string& queue_id) { queue_runner.wake(queue_id); },
       [this] { queue_runner.renew(); }},
      {events.sinks(), events.deliveries(), clock, entropy,
       [this](const std::string& place) { return may_reach(events.reach(), place); },
       [this] { events.wake(); }},
      {kv.namespaces, kv.values, clock, entropy},
      d1.deps(),
      {r2.buckets, r2.objects, clock},
      control_deps(),
      {audit},
      {badges, worker_store, triggers, glances, clock, entropy, public_url()},
      {attestations, versions, blobs},
      oidc.get(),
      options.config.oidc.account_id.empty() ? account_id : options.config.oidc.account_id};
}

std::vector<std::string> Service::Impl::settings_secrets(std::string_view provider) const {
  if (provider == "github" && !options.config.github_webhook_secret.empty())
    return {options.config.github_webhook_secret};
  return {};
}

// Its own, replaced ones for a day more, and that of the App that its account has at its host; what has
// neither may use the settings'.
Result<std::vector<std::string>> Service::Impl::hook_secrets(const model::RepoConnection& connection) {
  Result<std::vector<std::string>> own = connections.hook_secrets(connection.uuid);
  if (!own) return own;
  Result<std::vector<std::string>> secrets = forges.directory().hook_secrets(connection);
  if (!secrets) return secrets;
  secrets->insert(secrets->end(), own->begin(), own->end());
  return secrets->empty() ? settings_secrets(connection.provider_type) : secrets;
}

std::vector<api::HookDeps::AppSecret> Service::Impl::app_secrets(std::string_view provider,
                                                                 const std::string& app_id) {
  std::vector<api::HookDeps::AppSecret> secrets;
  for (std::string& secret : settings_secrets(provider)) secrets.push_back({{}, std::move(secret)});
  const auto all = forges.store().forges_of_provider(std::string(provider));
  if (!all) return secrets;
  for (const model::ForgeRecord& forge : *all) {
    if (!app_id.empty() && forge.app_id != app_id) continue;
    const Result<model::ForgeSecrets> kept = forges.store().forge_secrets(forge.uuid);
    if (kept && !kept->webhook_secret.empty())
      secrets.push_back({forge.account_id, kept->webhook_secret, forge.app_id});
  }
  return secrets;
}

api::SessionDeps Service::Impl::session_deps() {
  return {session_store,
          accounts,
          sessions,
          clock,
          entropy,
          options.config.failed_auth_per_minute,
          options.config.workers_url ? options.config.workers_url->host : options.config.workers_domain};
}

// The page is known by where people are told to go, and by what the settings add.
api::sessions::PageRules Service::Impl::page_rules() const {
  api::sessions::PageRules rules{options.config.page_hosts, {}, options.config.plain_login};
  const std::string reached = public_url();
  const std::size_t begin = reached.find("://") + 3;
  std::string host = to_lower(reached.substr(begin, reached.find('/', begin) - begin));
  const std::size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host.resize(colon);
  rules.hosts.push_back(host);
  if (reached.starts_with("https://")) rules.secure_hosts.push_back(host);
  return rules;
}

void Service::Impl::route() {
  sessions.set_rules(page_rules());
  api::add_page_routes(public_router, sessions.rules());
  add_public_routes(public_router, public_routes());
  add_public_routes(control_router, public_routes());
  api::add_socket_routes(control_router, gate, control_deps());
  api::add_runner_routes(runner_router, gate, queue, runner_notes,
                         {[this](const Uuid& build) { return served_uploads(served, build); },
                          [this](const Uuid& build, const std::vector<wire::RouteAsked>& asked) {
                            return check_routes(served, build, asked);
                          },
                          [this](const model::RepoConnection& connection) {
                            return forges.directory().clone_authorization(connection);
                          },
                          [this](const Uuid& build, const Uuid& lease, const model::Materials& materials) {
                            return attestations.keep_materials(build, lease, materials);
                          },
                          [this](const wire::ClaimCall& call) { metrics.came(call); }});
}

ServerLook Service::Impl::look() {
  return {readiness.ask(),
          runner_notes.nobody_takes(),
          store::sqlite::SqliteGaugeStore(*database).gauges(),
          forges.reports().count_given_up(),
          tls ? std::optional<TimeMs>(tls->expires_on()) : std::nullopt,
          clock.now(),
          metrics_url,
          !options.config.traces_endpoint.empty()};
}

Result<std::int64_t> Service::Impl::running() {
  const Result<store::Gauges> now = store::sqlite::SqliteGaugeStore(*database).gauges();
  if (!now) return tl::unexpected<Error>(now.error());
  return now->running;
}

void Service::Impl::drain(bool draining) {
  runner_notes.drain(draining);
  if (!draining) hub.notify(events::kQueueTopic);
}

boost::json::object Service::Impl::status() {
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
  if (!metrics_url.empty()) status["metrics_url"] = metrics_url;
  tell_domains(served, status);
  if (const auto watched = watches.watched()) {
    const auto fails = [](const store::Watched& one) { return one.failures > 0; };
    if (const auto silent = std::count_if(watched->begin(), watched->end(), fails); silent > 0)
      status["hosts_not_answering"] =
          fmt::format("of {} repositories; kiln repository list shows which", silent);
  }
  const std::map<std::string, std::string> paused = runner_notes.paused();
  if (!paused.empty()) {
    boost::json::object& reasons = status["paused_runners"].emplace_object();
    for (const auto& [id, why] : paused) reasons[id] = why;
  }
  if (const std::optional<std::string> why = runner_notes.nobody_takes()) status["no_builds"] = *why;
  return status;
}

}  // namespace kiln::app
