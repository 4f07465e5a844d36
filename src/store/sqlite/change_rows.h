// The rows of the numbered feed (store/changes.h). Triggers of the schema count whatever changes triggers,
// tokens and routes; builds are noted here. Called inside a transaction; belongs to its thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "store/changes.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// This build, which may have stopped, was changed; or one that made this version.
void note_changed_build(Connection& db, const Uuid& id);

// What the feed says now, beside what `known` has heard.
struct ChangeNews {
  std::uint64_t triggers = 0;
  std::uint64_t tokens = 0;
  std::uint64_t routes = 0;
  std::uint64_t builds = 0;
  std::vector<Uuid> changed;  // builds and versions after `known`, as far back as they are remembered
};
[[nodiscard]] ChangeNews read_changes(Connection& db, const Changes& known);

}  // namespace kiln::store::sqlite
