// The rows of routes and custom domains. Called inside a transaction; belongs to its thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/host_route.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Those of every account.
[[nodiscard]] std::vector<model::HostRoute> read_host_routes(Connection& db);
[[nodiscard]] std::vector<model::HostRoute> read_host_routes(Connection& db, const std::string& account_id);
// Of one Worker, in the order of their patterns.
[[nodiscard]] std::vector<model::HostRoute> read_worker_routes(Connection& db, const std::string& worker_tag);

// Which rows of its pattern a route takes the place of, beside the one of its id.
enum class Taking : std::uint8_t { nothing, own, others };
// Errors, of both: Errc::route_taken, Errc::hostname_taken.
[[nodiscard]] Status check_host_route(Connection& db, const model::HostRoute& route, Taking taking);
[[nodiscard]] Status write_host_route(Connection& db, const model::HostRoute& route, Taking taking);

// Those of the Worker and kind whose patterns `kept` has not.
void drop_other_routes(Connection& db, const std::string& worker_tag, model::HostRoute::Kind kind,
                       const std::vector<model::HostRoute>& kept);
[[nodiscard]] bool drop_host_route(Connection& db, const std::string& account_id, const std::string& id);
void drop_host_routes(Connection& db, const std::string& worker_tag);

}  // namespace kiln::store::sqlite
