// A database file copied while others read and write it (sqlite3_backup_init). Blocks on disk; the connection
// belongs to the caller.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "base/result.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Between two pieces of a copy.
struct CopyPace {
  int pages = 256;                     // of a piece
  std::chrono::milliseconds pause{0};  // so that others get at the disk
  std::function<bool()> go_on = {};    // none: always
};

// Copies what `from` sees now to `file`, which is new, mode 0600, one whole file without a log beside it,
// durable. The copy is of one moment however long it takes, and no writer waits for it: it holds a snapshot
// as a reader does. Nothing is left of one that fails. Errors: Errc::io, Errc::disk_full; Errc::timeout when
// `go_on` said no.
[[nodiscard]] Status copy_online(Connection& from, const std::filesystem::path& file, const CopyPace& pace);

}  // namespace kiln::store::sqlite
