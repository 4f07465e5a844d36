// What the routes of a server are given, and what it says of itself.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "api/control/routes.h"
#include "app/commits.h"
#include "app/service_parts.h"
#include "base/version.h"
#include "serving/front/route_cache.h"

namespace kiln::app {
namespace {

// An IPv6 address stands in brackets.
std::string url_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

std::string Service::Impl::workers_url() const {
  return fmt::format("http://{}:{}", url_host(options.workers_host), site.port);
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
        return find_commit(git, connections, connection, branch, commit);
      },
      [this](const model::RepoConnection& connection, const std::string& branch, const std::string& root) {
        return find_config(git, connections, connection, branch, root);
      },
      [this](const model::RepoConnection& connection, const std::string& branch, const scm::Seed& seed) {
        return seed_branch(git, connections, connection, branch, seed);
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
          {connections, queue, clock, options.config.github_webhook_secret,
           [this](const model::RepoConnection& connection, const model::PushEvent& push,
                  api::HookDeps::Until until) { return push_git.changed_files(connection, push, until); },
           [this](const model::RepoConnection& connection, const std::string& hash,
                  api::HookDeps::Until until) { return push_git.commit(connection, hash, until); },
           [this] { return runner_notes.nobody_takes(); },
           [this](const model::RepoConnection& connection, const model::DeliveryOrigin& origin) {
             refused.note(connection, origin);
           }}};
}

void Service::Impl::route() {
  add_public_routes(public_router, public_routes());
  add_public_routes(control_router, public_routes());
  api::add_control_routes(control_router, gate,
                          {builds_deps(), accounts, public_url(), [this] { return status(); },
                           [this](const api::UrlAsked& asked) {
                             return serving::find_route(route_resolver, places_of(options.config),
                                                        {asked.host, asked.target, asked.secure});
                           },
                           [this](const model::RepoConnection& connection) {
                             return default_branch(git, connections, connection);
                           }});
  api::add_runner_routes(runner_router, gate, queue, runner_notes,
                         {[this](const Uuid& build) { return served_uploads(served, build); },
                          [this](const Uuid& build, const std::vector<wire::RouteAsked>& asked) {
                            return check_routes(served, build, asked);
                          }});
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

}  // namespace kiln::app
