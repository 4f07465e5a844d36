// Rows of deployments. Only for the Worker store's transactions: functions run inside the caller's and throw
// SqlError.
#pragma once

#include <optional>
#include <string>

#include "store/sqlite/database.h"
#include "store/worker_store.h"

namespace kiln::store::sqlite {

// Errors: Errc::version_not_found when a version is not this Worker's.
[[nodiscard]] Status insert_deployment(Connection& db, const model::Deployment& deployment);
[[nodiscard]] Paged<model::Deployment> read_deployments(Connection& db, const std::string& worker_tag,
                                                        Page page);
[[nodiscard]] std::optional<model::Deployment> read_deployment(Connection& db, const std::string& worker_tag,
                                                               const Uuid& id);

}  // namespace kiln::store::sqlite
