// What a deploy hook may start, counted from the rows of the last minute, so that no restart forgets it.
// Called inside a transaction; belongs to its thread.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "model/build.h"
#include "store/build_queue.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// The key of a hook's row.
[[nodiscard]] std::string hook_hash(const Uuid& uuid);

// The newest build of the trigger and branch that no runner has had; nothing when there is none and the hook
// may start one. Errors: Errc::rate_limited with the seconds to wait in `field`.
[[nodiscard]] Result<std::optional<model::Build>> look_before_hook_build(Connection& db,
                                                                         const HookStart& start, TimeMs now);

// Counts a build that the hook started. Errors: Errc::not_found when the hook is gone.
[[nodiscard]] Status note_hook_build(Connection& db, const HookStart& start, const model::Build& build,
                                     TimeMs now);

}  // namespace kiln::store::sqlite
