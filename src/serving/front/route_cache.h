// Hosts to routes, kept in memory for as long as nothing in the store has changed that decides them. Belongs
// to the front's thread; the store and its changes outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "store/changes.h"
#include "store/route_store.h"

namespace kiln::serving {

// What answers at a host now. Shared, so that a request keeps its own while the next ones get another.
using RouteOrError = std::shared_ptr<const Result<store::Route>>;

// Asks the store. A host of another shape is Errc::not_found.
[[nodiscard]] Result<store::Route> find_route(store::RouteStore& store, std::string_view host,
                                              std::string_view domain);

class RouteCache {
 public:
  RouteCache(store::RouteStore& store, const store::Changes& changes, std::string domain)
      : store_(store), changes_(changes), domain_(std::move(domain)) {}

  // By a Host header.
  [[nodiscard]] RouteOrError at_host(std::string_view host);
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

  store::RouteStore& store_;
  const store::Changes& changes_;
  std::string domain_;
  std::uint64_t generation_ = 0;
  Kept kept_;
};

}  // namespace kiln::serving
