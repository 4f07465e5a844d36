// Makes a backup of a running server: the database as of one moment, and every upload that it names. Called
// on a thread that may take long.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "ops/upkeep/blob_hold.h"
#include "ops/upkeep/pieces.h"
#include "store/r2_objects.h"
#include "store/snapshot_store.h"
#include "workers/blob_store.h"

namespace kiln::ops {

struct BackupPorts {
  store::SnapshotStore& store;
  const workers::BlobStore& blobs;
  BlobHold& hold;
  const Clock& clock;
  std::filesystem::path place;  // where the copy of the database stands meanwhile: the data directory
  std::filesystem::path key;
  std::filesystem::path kv;  // the folder of KV namespaces
  std::filesystem::path d1;  // and that of D1 databases
  store::R2Objects& r2;      // and R2 buckets, whose objects stay while they are copied
  std::filesystem::path r2_folder;
};

// Puts the archive (archive/facts.h) into `out`. Whoever reads it knows that it is whole by its list of sums.
// Errors: Errc::io, Errc::disk_full; Errc::timeout when nobody reads any more.
[[nodiscard]] Status make_backup(const BackupPorts& ports, bool with_key, Pieces& out);

}  // namespace kiln::ops
