// Port: what is taken away of a long history. Owned by app; safe from any thread. Each call is one small
// transaction that goes on where the one before came to, so that nobody waits for it.
//
// Never taken: what is not over, the newest build and the newest good one of each branch, and a build of
// which a version is kept; the newest version, those that the last deployments, an alias or a preview lead
// to, and that of a branch's newest good build.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/retention.h"
#include "store/blob_hash.h"

namespace kiln::store {

// In the order in which they go: a build stays while one of its versions does.
enum class PruneKind { deleted_workers, versions, assets, builds, logs, deliveries };

// How far one kind has come. Begins anew as a default one.
struct PruneCursor {
  std::string owner;  // the Worker, or account, that is looked at
  bool inside = false;
  std::int64_t after = 0;
  std::string after_text;
  bool done = false;
};

struct PruneWish {
  model::Retention keep;
  // Nothing is taken, only counted.
  bool trial = false;
  // With `trial`: the versions that would be gone by now.
  std::set<Uuid> gone_versions;
};

struct PruneStep {
  std::int64_t gone = 0;
  BlobHashes unnamed;  // uploads that may have lost a name; in no order
};

class RetentionStore {
 public:
  virtual ~RetentionStore() = default;
  [[nodiscard]] virtual Result<PruneStep> prune(PruneKind kind, PruneWish& wish, PruneCursor& cursor) = 0;
};

}  // namespace kiln::store
