// Rows of named previews and of the aliases that lead to versions. Every function runs inside the caller's
// transaction and throws SqlError.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/worker.h"
#include "store/build_queue.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// The preview of that name, or else of that id.
[[nodiscard]] std::optional<model::Preview> find_preview(Connection& db, const std::string& worker_tag,
                                                         const std::string& name_or_id);
[[nodiscard]] bool has_preview(Connection& db, const std::string& worker_tag, const Uuid& id);
void insert_preview(Connection& db, const model::Preview& preview);
// With its deployments' secrets, and its alias unless someone else has that now. The deployments stay, as
// versions do.
void erase_preview(Connection& db, const model::Preview& preview);
[[nodiscard]] std::optional<Uuid> latest_preview_version(Connection& db, const Uuid& preview);

// Points the alias at a version. Beyond `max_aliases` (0: no limit) the Worker's least recently uploaded go,
// named previews with theirs, but never this one.
void point_alias(Connection& db, const model::Version& version, const std::string& alias, int max_aliases);
[[nodiscard]] std::vector<model::Alias> read_aliases(Connection& db, const std::string& worker_tag);

// Ends what Intake::gone names; of every Worker that had something of the branch, in the order of their
// names.
[[nodiscard]] std::vector<EndedPreviews> end_branch(Connection& db, const GoneBranch& gone);

}  // namespace kiln::store::sqlite
