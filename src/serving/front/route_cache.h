// Hosts and URLs to routes, kept in memory for as long as nothing in the store has changed that decides them.
// Belongs to the front's thread; the store and its changes outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/zone.h"
#include "serving/front/route_table.h"
#include "store/changes.h"
#include "store/route_resolver.h"

namespace kiln::serving {

// What answers at a host now. Shared, so that a request keeps its own while the next ones get another.
using RouteOrError = std::shared_ptr<const Result<store::Route>>;

// The hosts that lead to Workers.
struct Places {
  std::vector<std::string> domains = {"localhost"};  // <label>.<subdomain>.<any of these> are Workers' own
  std::vector<model::Zone> zones = {};               // where routes and custom domains may lie
};

// Of one request.
struct Asked {
  std::string_view host;          // as it was sent
  std::string_view target = "/";  // with its query
  bool secure = false;            // the visitor came over TLS
};

// Asks the store. A host that nobody has given to a Worker is Errc::not_found.
[[nodiscard]] Result<store::Route> find_route(store::RouteResolver& store, const Places& places,
                                              const Asked& asked);

class RouteCache {
 public:
  RouteCache(store::RouteResolver& store, const store::Changes& changes, Places places)
      : store_(store), changes_(changes), places_(std::move(places)) {}

  // By a Host header alone: of Workers' own addresses. Null for any other host.
  [[nodiscard]] RouteOrError at_host(std::string_view host);
  // Of the other hosts.
  [[nodiscard]] RouteOrError at_url(const Asked& asked);
  // By account and Worker, for calls between Workers.
  [[nodiscard]] RouteOrError of_service(std::string_view account_id, std::string_view worker);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Kept = std::unordered_map<std::string, RouteOrError, Hash, std::equal_to<>>;

  // Forgets everything when the store has changed since.
  void refresh();
  RouteOrError keep(std::string key, Result<store::Route> route);

  store::RouteResolver& store_;
  const store::Changes& changes_;
  Places places_;
  std::uint64_t generation_ = 0;
  Kept kept_;
  std::optional<RouteTable> table_;
};

}  // namespace kiln::serving
