// The copy of a database that is taken before its schema is changed, so that one can go back to the program
// before. Called while nobody else has the file open.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Copies the database to <file>.before-N, whole or not at all; one that is there is taken for good, since the
// step that it stands before has not been made. Of all such copies the last two stay. Errors: Errc::io;
// Errc::disk_full, saying how much room it needs.
[[nodiscard]] Status keep_before_upgrade(Connection& db, const std::filesystem::path& file,
                                         std::int64_t migrations_done);

}  // namespace kiln::store::sqlite
