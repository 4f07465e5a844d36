// Puts a backup into an empty data directory. Nothing stands in its place before all of it has been found
// right; until then it is in the folder `restoring` there, with which no server starts. Blocks; one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/archive/reader.h"
#include "store/snapshot_store.h"

namespace kiln::ops {

// What stands in a data directory while a backup is put there.
inline constexpr const char* kRestoring = "restoring";

struct RestoreWish {
  std::filesystem::path archive;
  std::filesystem::path data_dir;                 // empty, and locked by the caller
  std::optional<std::filesystem::path> key_file;  // where the key stands, if the backup has none
};

// Opens the database, brings it to this Kiln's schema, tries the key, and closes what was running.
using SettleStore = std::function<Result<store::Settled>(
    const std::filesystem::path& database, const std::filesystem::path& key, const std::string& reason)>;

struct Restored {
  BackupContents contents;
  store::Settled settled;
  std::uint64_t blobs_missing = 0;  // that the database names and the backup does not have
};

// Errors: those of read_backup(); Errc::not_found when there is no key; Errc::disk_full before anything is
// written; Errc::corrupt when the key is another one's or an upload is missing that the backup does not tell
// of. After one the directory is as empty as before.
[[nodiscard]] Result<Restored> restore_backup(const RestoreWish& wish, const SettleStore& settle);

}  // namespace kiln::ops
