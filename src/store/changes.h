// What has changed in the store since it was opened, for whoever keeps answers in memory: read the counter,
// read the store, keep both; what is kept is good while the counter stands still. Builds change alone, so
// each says that it has. Owned by the database, which counts after each commit; any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "store/changed_builds.h"

namespace kiln::store {

struct Changes {
  std::atomic<std::uint64_t> triggers{1};  // triggers and the repository connections they show
  std::atomic<std::uint64_t> tokens{1};    // API tokens: made, revoked, or their last use noted
  std::atomic<std::uint64_t> routes{1};    // what decides which version answers at a host
  // That had stopped: the pull request of their commit was opened afterwards.
  ChangedBuilds builds;
};

}  // namespace kiln::store
