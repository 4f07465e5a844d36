#include "serving/front/route_cache.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "serving/front/host.h"

namespace kiln::serving {
namespace {

// Hosts come from outside: more than these are not kept.
constexpr std::size_t kMaxKept = 4096;

std::optional<HostName> own_name(const Places& places, std::string_view host) {
  for (const std::string& domain : places.domains) {
    if (std::optional<HostName> name = parse_host(host, domain)) return name;
  }
  return std::nullopt;
}

Error nobody_there(const Places& places, std::string_view host, const RouteTable& table) {
  if (table.knows(host)) {
    return {Errc::not_found,
            "No Worker answers at this address: none has a route or a custom domain for it. Deploy one with "
            "`routes` in its wrangler configuration.",
            {}};
  }
  return {Errc::not_found,
          fmt::format("No Worker answers at this host. Workers answer at <worker>.<subdomain>.{0} and their "
                      "versions at <first 8 digits of the version>-<worker>.<subdomain>.{0}; `kiln status` "
                      "says which subdomain and port.",
                      places.domains.back()),
          {}};
}

// The route that the URL belongs to.
Result<const model::HostRoute*> routed(const RouteTable& table, const Places& places, const Asked& asked) {
  const std::optional<std::string> host = plain_host(asked.host);
  const model::HostRoute* const route = host ? table.find(*host, asked.target, asked.secure) : nullptr;
  if (route == nullptr) return tl::unexpected<Error>(nobody_there(places, host.value_or(""), table));
  if (route->worker_name.empty()) {
    return fail(Errc::not_found,
                fmt::format("The route {} says that no Worker answers here.", route->pattern));
  }
  return route;
}

}  // namespace

Result<store::Route> find_route(store::RouteResolver& store, const Places& places, const Asked& asked) {
  if (const std::optional<HostName> name = own_name(places, asked.host))
    return store.route(name->subdomain, name->label);
  const Result<std::vector<model::HostRoute>> routes = store.host_routes();
  if (!routes) return tl::unexpected<Error>(routes.error());
  const RouteTable table(*routes, places.zones);
  const Result<const model::HostRoute*> route = routed(table, places, asked);
  if (!route) return tl::unexpected<Error>(route.error());
  return store.service((*route)->account_id, (*route)->worker_name);
}

void RouteCache::refresh() {
  const std::uint64_t now = changes_.routes.load(std::memory_order_acquire);
  if (now == generation_) return;
  kept_.clear();
  table_.reset();
  generation_ = now;
}

RouteOrError RouteCache::keep(std::string key, Result<store::Route> route) {
  auto shared = std::make_shared<const Result<store::Route>>(std::move(route));
  // What the store could not say now is asked again.
  const Errc code = *shared ? Errc::not_found : shared->error().code;
  if (code == Errc::io || code == Errc::disk_full || code == Errc::corrupt) return shared;
  if (kept_.size() >= kMaxKept) kept_.clear();
  kept_.emplace(std::move(key), shared);
  return shared;
}

RouteOrError RouteCache::at_host(std::string_view host) {
  refresh();
  if (const auto found = kept_.find(host); found != kept_.end()) return found->second;
  const std::optional<HostName> name = own_name(places_, host);
  if (!name) return nullptr;
  return keep(std::string(host), store_.route(name->subdomain, name->label));
}

RouteOrError RouteCache::at_url(const Asked& asked) {
  refresh();
  const auto refuse = [](Error error) {
    return std::make_shared<const Result<store::Route>>(tl::unexpected<Error>(std::move(error)));
  };
  if (!table_) {
    Result<std::vector<model::HostRoute>> routes = store_.host_routes();
    if (!routes) return refuse(std::move(routes.error()));
    table_.emplace(*routes, places_.zones);
  }
  const Result<const model::HostRoute*> route = routed(*table_, places_, asked);
  if (!route) return refuse(route.error());
  return of_service((*route)->account_id, (*route)->worker_name);
}

RouteOrError RouteCache::of_service(std::string_view account_id, std::string_view worker) {
  refresh();
  // No host has a '/'.
  std::string key = fmt::format("{}/{}", account_id, worker);
  if (const auto found = kept_.find(key); found != kept_.end()) return found->second;
  return keep(std::move(key), store_.service(account_id, worker));
}

}  // namespace kiln::serving
