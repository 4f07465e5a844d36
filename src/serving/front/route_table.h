// The routes and custom domains of all accounts, laid out for finding the one that a URL belongs to. Value
// that does not change once it is made: any thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/host_route.h"
#include "model/zone.h"

namespace kiln::serving {

class RouteTable {
 public:
  // `zones` with their accounts' subdomains: a route counts where the host lies in a zone of its own account.
  RouteTable(const std::vector<model::HostRoute>& routes, std::vector<model::Zone> zones);

  // `host` in lower case without a port, `target` with its query. The most specific route that matches comes
  // first, then the custom domain; null: nobody has given this URL to a Worker.
  [[nodiscard]] const model::HostRoute* find(std::string_view host, std::string_view target,
                                             bool secure) const;
  // Whether anything of the host belongs to a zone.
  [[nodiscard]] bool knows(std::string_view host) const;

 private:
  struct Entry {
    model::RoutePattern pattern;
    model::HostRoute route;
  };

  std::vector<model::Zone> zones_;
  // By the pattern's host: a URL's own host and those above it are looked up, the longest first.
  std::unordered_map<std::string, std::vector<Entry>> routes_;  // the most specific first
  std::unordered_map<std::string, model::HostRoute> domains_;
};

}  // namespace kiln::serving
