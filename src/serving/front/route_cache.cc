#include "serving/front/route_cache.h"

#include <fmt/format.h>

#include <optional>

#include "serving/front/host.h"

namespace kiln::serving {
namespace {

// Hosts come from outside: more than these are not kept.
constexpr std::size_t kMaxKept = 4096;

}  // namespace

Result<store::Route> find_route(store::RouteStore& store, std::string_view host, std::string_view domain) {
  const std::optional<HostName> name = parse_host(host, domain);
  if (!name) {
    return fail(Errc::not_found,
                fmt::format("No Worker answers at this host. Workers answer at "
                            "http://<worker>.<subdomain>.{0} and their versions at "
                            "http://<first 8 digits of the version>-<worker>.<subdomain>.{0}; `kiln status` "
                            "says which subdomain and port.",
                            domain));
  }
  return store.route(name->subdomain, name->label);
}

void RouteCache::refresh() {
  const std::uint64_t now = changes_.routes.load(std::memory_order_acquire);
  if (now == generation_) return;
  kept_.clear();
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
  return keep(std::string(host), find_route(store_, host, domain_));
}

RouteOrError RouteCache::of_service(std::string_view account_id, std::string_view worker) {
  refresh();
  // No host has a '/'.
  std::string key = fmt::format("{}/{}", account_id, worker);
  if (const auto found = kept_.find(key); found != kept_.end()) return found->second;
  return keep(std::move(key), store_.service(account_id, worker));
}

}  // namespace kiln::serving
