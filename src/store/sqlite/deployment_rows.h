// Rows of deployments. Functions run inside the caller's transaction and throw SqlError.
#pragma once

#include <optional>
#include <string>

#include "model/worker.h"
#include "store/page.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Errors: Errc::version_not_found when a version is not this Worker's.
[[nodiscard]] Status insert_deployment(Connection& db, const model::Deployment& deployment);
[[nodiscard]] Paged<model::Deployment> read_deployments(Connection& db, const std::string& worker_tag,
                                                        Page page);
[[nodiscard]] std::optional<model::Deployment> read_deployment(Connection& db, const std::string& worker_tag,
                                                               const Uuid& id);

}  // namespace kiln::store::sqlite
