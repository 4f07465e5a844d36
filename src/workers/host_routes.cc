#include "workers/host_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "workers/draft.h"
#include "workers/settings.h"

namespace kiln::workers {
namespace {

using model::HostRoute;
using model::RoutePattern;

constexpr std::size_t kMostRoutes = 1000;  // of one Worker

// The host that a pattern is about, without its star.
Result<std::string> host_of(const RouteWish& wish, std::string& pattern) {
  if (wish.kind == HostRoute::Kind::domain) {
    Result<std::string> host = model::check_custom_domain(wish.pattern);
    if (host) pattern = *host;
    return host;
  }
  const Result<RoutePattern> parsed = RoutePattern::parse(wish.pattern);
  if (!parsed) return tl::unexpected<Error>(parsed.error());
  pattern = parsed->text;
  return parsed->host;
}

// Of the Worker's deployments: the newest that the build did not make, when it made the ones after it.
Result<std::optional<model::Deployment>> deployed_before(Ports& ports, const std::string& worker_tag,
                                                         const Uuid& build) {
  constexpr int kLooked = 100;
  const Result<store::Paged<model::Deployment>> found = ports.versions.deployments(worker_tag, {1, kLooked});
  if (!found) return tl::unexpected<Error>(found.error());
  const auto& all = found->items;
  const auto first = std::find_if(all.begin(), all.end(), [&](const model::Deployment& deployment) {
    return deployment.build_uuid != build;
  });
  if (first == all.begin() || first == all.end()) return std::optional<model::Deployment>();
  return std::optional<model::Deployment>(*first);
}

// Says what it did, or nothing when there is nothing to go back to.
Result<std::string> take_back(Ports& ports, const Actor& actor, const model::Worker& worker) {
  if (!actor.build) return std::string();
  const Result<std::optional<model::Deployment>> before = deployed_before(ports, worker.tag, *actor.build);
  if (!before) return tl::unexpected<Error>(before.error());
  if (!*before) return std::string();
  model::Deployment again = **before;
  again.id = ports.entropy.uuid();
  again.created_on = ports.clock.now();
  again.build_uuid.reset();
  again.annotations_json = annotations_json(
      {{"workers/triggered_by", "rollback"}, {"workers/message", "A build's routes were refused"}});
  if (const Status added = ports.versions.add_deployment(again); !added)
    return tl::unexpected<Error>(added.error());
  for (const model::DeploymentTarget& target : again.versions) {
    if (ports.start_ahead) ports.start_ahead(target.version_id);
  }
  return std::string(" What was live before this build is live again.");
}

Result<bool> has_host_routes(Ports& ports, const model::Worker& worker) {
  const Result<std::vector<HostRoute>> routes = ports.host_routes.host_routes(worker.account_id);
  if (!routes) return tl::unexpected<Error>(routes.error());
  return std::any_of(routes->begin(), routes->end(),
                     [&](const HostRoute& route) { return route.worker_tag == worker.tag; });
}

// A client that deploys routes has switched the Worker's own address off by then.
Result<std::string> keep_reachable(Ports& ports, const model::Worker& worker) {
  const Result<bool> routed = has_host_routes(ports, worker);
  if (!routed) return tl::unexpected<Error>(routed.error());
  if (*routed) return std::string(" Its routes stay as they were.");
  if (!worker.subdomain_enabled) {
    const Result<model::Worker> changed = change_addresses(ports, worker, true, std::nullopt);
    if (!changed) return tl::unexpected<Error>(changed.error());
  }
  return fmt::format(" The Worker answers at its own address, {}.",
                     ports.hosts.of(worker.account_id).worker_url(worker.name));
}

Result<std::vector<HostRoute>> routes_for(Ports& ports, const model::Worker& worker,
                                          const std::vector<RouteWish>& wishes) {
  if (wishes.size() > kMostRoutes)
    return fail(Errc::invalid, fmt::format("A Worker may have {} routes at most.", kMostRoutes), "routes");
  std::vector<HostRoute> routes;
  for (const RouteWish& wish : wishes) {
    Result<HostRoute> route = route_for(ports, worker.account_id, worker.tag, wish);
    if (!route) return tl::unexpected<Error>(route.error());
    const bool again = std::any_of(routes.begin(), routes.end(),
                                   [&](const HostRoute& one) { return one.pattern == route->pattern; });
    if (!again) routes.push_back(*std::move(route));
  }
  return routes;
}

}  // namespace

Result<model::Zone> zone_for(const Ports& ports, const std::string& account_id, std::string_view host) {
  const std::string subdomain = ports.hosts.of(account_id).subdomain;
  const model::Zone* const zone = model::zone_of(ports.zones, host);
  if (zone != nullptr && zone->subdomain == subdomain) return *zone;
  std::string own;
  for (const model::Zone& one : ports.zones) {
    if (one.subdomain == subdomain) own += (own.empty() ? "" : ", ") + one.name;
  }
  return fail(
      Errc::not_offered,
      fmt::format("Kiln serves no Worker of this account at {}: {}. Whoever runs the server lists a "
                  "domain in workers.zones of its settings and lets its requests come to where "
                  "Workers answer; or take the route out of the wrangler configuration.",
                  host,
                  own.empty() ? "no domain is given to it" : "the domains that are given to it are " + own));
}

Result<HostRoute> route_for(Ports& ports, const std::string& account_id, const std::string& worker_tag,
                            const RouteWish& wish) {
  HostRoute route;
  const Result<std::string> host = host_of(wish, route.pattern);
  if (!host) return tl::unexpected<Error>(host.error());
  if (ports.hosts.is_own(*host)) {
    return fail(Errc::invalid,
                fmt::format("{} is where a Worker of its own answers, which no route changes.", *host),
                "pattern");
  }
  const Result<model::Zone> zone = zone_for(ports, account_id, *host);
  if (!zone) return tl::unexpected<Error>(zone.error());
  route.id = ports.entropy.hex32();
  route.account_id = account_id;
  route.worker_tag = worker_tag;
  route.kind = wish.kind;
  route.enabled = wish.enabled;
  route.created_on = ports.clock.now();
  return route;
}

Status check_host_routes(Ports& ports, const model::Worker& worker, const std::vector<RouteWish>& wishes) {
  const Result<std::vector<HostRoute>> routes = routes_for(ports, worker, wishes);
  if (!routes) return tl::unexpected<Error>(routes.error());
  return ports.host_routes.check_host_routes(*routes);
}

Status set_host_routes(Ports& ports, const Actor& actor, const model::Worker& worker, HostRoute::Kind kind,
                       const Result<std::vector<RouteWish>>& wishes, store::RouteChange change) {
  const Result<std::vector<HostRoute>> routes =
      wishes ? routes_for(ports, worker, *wishes)
             : Result<std::vector<HostRoute>>(tl::unexpected<Error>(wishes.error()));
  if (!routes) return tl::unexpected<Error>(refuse_routes(ports, actor, worker, routes.error()));
  // A build deploys its own Worker and takes nothing from another.
  if (actor.build) change.take_over = false;
  if (Status set = ports.host_routes.set_host_routes(worker, kind, *routes, change); !set)
    return tl::unexpected<Error>(refuse_routes(ports, actor, worker, set.error()));
  return {};
}

Error refuse_routes(Ports& ports, const Actor& actor, const model::Worker& worker, Error why) {
  const Result<std::string> back = take_back(ports, actor, worker);
  if (!back) return back.error();
  const Result<std::string> reached = keep_reachable(ports, worker);
  if (!reached) return reached.error();
  why.message += *back + *reached;
  return why;
}

}  // namespace kiln::workers
