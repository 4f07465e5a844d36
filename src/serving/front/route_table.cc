#include "serving/front/route_table.h"

#include <algorithm>

namespace kiln::serving {

RouteTable::RouteTable(const std::vector<model::HostRoute>& routes, std::vector<model::Zone> zones)
    : zones_(std::move(zones)) {
  for (const model::HostRoute& route : routes) {
    if (route.kind == model::HostRoute::Kind::domain) {
      if (route.enabled) domains_.emplace(route.pattern, route);
      continue;
    }
    Result<model::RoutePattern> pattern = model::RoutePattern::parse(route.pattern);
    if (!pattern) continue;
    std::string host = pattern->host;
    routes_[std::move(host)].push_back({*std::move(pattern), route});
  }
  for (auto& [host, entries] : routes_) {
    std::sort(entries.begin(), entries.end(), [](const Entry& one, const Entry& other) {
      return model::more_specific(one.pattern, other.pattern);
    });
  }
}

bool RouteTable::knows(std::string_view host) const {
  return model::zone_of(zones_, host) != nullptr;
}

const model::HostRoute* RouteTable::find(std::string_view host, std::string_view target, bool secure) const {
  const model::Zone* const zone = model::zone_of(zones_, host);
  if (zone == nullptr) return nullptr;
  const auto may = [zone](const model::HostRoute& route) { return route.subdomain == zone->subdomain; };
  for (std::string_view above = host; above.find('.') != std::string_view::npos;
       above = above.substr(above.find('.') + 1)) {
    const auto entries = routes_.find(std::string(above));
    if (entries == routes_.end()) continue;
    for (const Entry& entry : entries->second) {
      if (may(entry.route) && entry.pattern.matches(host, target, secure)) return &entry.route;
    }
  }
  const auto domain = domains_.find(std::string(host));
  return domain != domains_.end() && may(domain->second) ? &domain->second : nullptr;
}

}  // namespace kiln::serving
