// An account's build minutes: what its builds have used, and whether more may start. Called inside a
// transaction; belongs to its thread.
#pragma once

#include <string>

#include "model/build_minutes.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

[[nodiscard]] model::BuildMinutes load_build_minutes(Connection& db, const std::string& account_id,
                                                     TimeMs now);

// A build that runners held for so long has stopped; all of it counts for that month.
void add_build_time(Connection& db, const std::string& account_id, TimeMs stopped_on, TimeMs held_ms);

}  // namespace kiln::store::sqlite
