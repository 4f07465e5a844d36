// Port: the routes and custom domains that accounts have given to their Workers, kept and changed; which
// version answers at a host is route_resolver.h's to say. Owned by app; every method is one durable
// transaction and safe from any thread. A Worker that is missing or of another account is
// Errc::worker_not_found.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/host_route.h"
#include "model/worker.h"

namespace kiln::store {

// How routes of a Worker are set.
struct RouteChange {
  bool replace = true;     // it keeps no others of the kind
  bool take_over = false;  // patterns of the account's other Workers become its own
};

class HostRouteStore {
 public:
  virtual ~HostRouteStore() = default;

  // Of the account, in the order of their patterns.
  [[nodiscard]] virtual Result<std::vector<model::HostRoute>> host_routes(const std::string& account_id) = 0;
  // `routes` are the Worker's, all of that kind. Of a pattern that is there already the id and the time stay.
  // All or nothing. Errors: Errc::route_taken, or Errc::hostname_taken of a custom domain, when the pattern
  // belongs to another Worker, and always when to another account.
  [[nodiscard]] virtual Status set_host_routes(const model::Worker& worker, model::HostRoute::Kind kind,
                                               const std::vector<model::HostRoute>& routes,
                                               RouteChange change) = 0;
  // Whether these could be set for their Workers, with nothing taken over. Errors: the same.
  [[nodiscard]] virtual Status check_host_routes(const std::vector<model::HostRoute>& routes) = 0;
  // Stores one, in place of the one of that id. Errors: the same, and Errc::route_taken when the Worker
  // itself has the pattern under another id.
  [[nodiscard]] virtual Status put_host_route(const model::HostRoute& route, bool take_over) = 0;
  // Errors: Errc::not_found.
  [[nodiscard]] virtual Status delete_host_route(const std::string& account_id, const std::string& id) = 0;
};

}  // namespace kiln::store
