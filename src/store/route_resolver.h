// Port: which version answers at a host or a service binding, looked up for the front, the relay and cron;
// the routes and custom domains that it reads are kept and changed through host_route_store.h. Owned by app;
// every method is one read and safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/host_route.h"
#include "model/worker.h"

namespace kiln::store {

// Where a host leads.
struct Route {
  std::string account_id;
  std::string worker_tag;
  std::string worker_name;
  // The version's label or the alias before "-<worker>"; empty: the Worker's own host, its current
  // deployment.
  std::string preview;
  std::vector<model::DeploymentTarget> versions;  // never empty; one at 100 for a preview
};

class RouteResolver {
 public:
  virtual ~RouteResolver() = default;

  // `label` is the host's first label, `subdomain` the second, both lower case. A Worker of that whole name
  // comes first; then the longest Worker name behind a '-' whose Worker has a preview of the name before it.
  // Errors, each with a sentence for whoever opened the address: Errc::not_found (no such account, Worker or
  // preview), Errc::forbidden (the Worker's owner has switched the address off), Errc::conflict (the Worker
  // has no deployment).
  [[nodiscard]] virtual Result<Route> route(std::string_view subdomain, std::string_view label) = 0;

  // What the Worker of that name answers with, whether or not its own host is switched on. Errors:
  // Errc::not_found, Errc::conflict as above.
  [[nodiscard]] virtual Result<Route> service(std::string_view account_id, std::string_view worker) = 0;

  // Of every account, in no order.
  [[nodiscard]] virtual Result<std::vector<model::HostRoute>> host_routes() = 0;
};

}  // namespace kiln::store
