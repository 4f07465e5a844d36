// Port: the whole store as one file, for backups. Owned by app; safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"
#include "store/blob_hash.h"

namespace kiln::store {

// What such a file holds.
struct SnapshotFacts {
  std::int64_t schema = 0;  // how many migrations made it
  BlobHashes blobs;         // the uploads that it names
};

// What became of a restored store.
struct Settled {
  std::int64_t builds_closed = 0;    // that were queued or running
  std::int64_t reports_dropped = 0;  // that hosts, queues and sinks were still to be sent
  std::int64_t queues_paused = 0;    // with messages that a Worker would have been called with
  BlobHashes blobs;                  // the uploads that it names
};

class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;

  // Writes what the store holds at one moment to `file`, which is new and gets the mode 0600. It is copied a
  // little at a time, so that nobody who writes waits for it; `go_on` is asked in between. Errors: Errc::io,
  // Errc::disk_full; Errc::timeout when `go_on` said no.
  [[nodiscard]] virtual Status write_snapshot(const std::filesystem::path& file,
                                              const std::function<bool()>& go_on) = 0;
  // The same of a file that holds one of the store's spaces of keys and values, at a moment of its own.
  // Errors: also Errc::not_found when it is gone.
  [[nodiscard]] virtual Status write_space(const std::filesystem::path& space,
                                           const std::filesystem::path& file,
                                           const std::function<bool()>& go_on) = 0;
  // Errors: Errc::io, Errc::corrupt.
  [[nodiscard]] virtual Result<SnapshotFacts> read_snapshot(const std::filesystem::path& file) = 0;

  // Of a store that was put back from a snapshot, before anything else is done with it: closes every build
  // that is not over, with `reason` as its last line and sentence (one whose deploy command had completed is
  // a success), takes back every lease, and drops what was to be told to others, since the original tells it.
  [[nodiscard]] virtual Result<Settled> settle_restored(const std::string& reason) = 0;
};

}  // namespace kiln::store
