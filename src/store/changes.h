// The numbered feed of what changes in the store, for whoever keeps answers in memory: read the number, read
// the store, keep both; what is kept is good while the number stands still. The numbers are the store's own
// and grow in the transaction that changes something, so that every process which reads them hears of the
// changes of all. Builds change alone, so each says that it has.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/result.h"
#include "store/changed_builds.h"

namespace kiln::store {

// The numbers as this process has last heard them. Owned by the feed; any thread may read.
struct Changes {
  std::atomic<std::uint64_t> triggers{0};  // triggers and the repository connections they show
  std::atomic<std::uint64_t> tokens{0};    // API tokens: made, revoked, or their last use noted
  std::atomic<std::uint64_t> routes{0};    // what decides which version answers at a host
  // That had stopped: the pull request of their commit was opened afterwards.
  ChangedBuilds builds;
};

// Port. What this process commits is heard before the move that made it returns; what others commit is heard
// by catch_up(). Safe from any thread.
class ChangeFeed {
 public:
  virtual ~ChangeFeed() = default;
  [[nodiscard]] virtual const Changes& changes() const = 0;
  [[nodiscard]] virtual Status catch_up() = 0;
};

}  // namespace kiln::store
