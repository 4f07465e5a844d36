// Rows of connections, triggers and build tokens as model values: the one place that knows their columns.
// Called inside a transaction; belongs to its thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/trigger.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// The error of whoever asks for one that is not there.
[[nodiscard]] tl::unexpected<Error> no_connection(const Uuid& uuid);
// By key, deleted ones too: callers look at deleted_on.
[[nodiscard]] std::optional<model::RepoConnection> load_connection(Connection& db, const Uuid& uuid);
// Deletes it, with its credentials and what is known of its host.
void end_connection(Connection& db, const Uuid& uuid, TimeMs now);
// With its connection and its token's name as they are now.
[[nodiscard]] std::optional<model::Trigger> load_trigger(Connection& db, const Uuid& uuid);

// The uuids that `query` yields in its first column.
[[nodiscard]] std::vector<Uuid> all_uuids(Query& query);
// The things behind uuids that the same transaction has just read.
[[nodiscard]] std::vector<model::RepoConnection> load_connections(Connection& db,
                                                                  const std::vector<Uuid>& uuids);
[[nodiscard]] std::vector<model::Trigger> load_triggers(Connection& db, const std::vector<Uuid>& uuids);

}  // namespace kiln::store::sqlite
