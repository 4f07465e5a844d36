// What has changed in the store since it was opened, for whoever keeps answers in memory: read the counter,
// read the store, keep both; what is kept is good while the counter stands still. Owned by the database,
// which counts after each commit; any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace kiln::store {

struct Changes {
  std::atomic<std::uint64_t> triggers{1};  // triggers and the repository connections they show
  std::atomic<std::uint64_t> tokens{1};    // API tokens: made, revoked, or their last use noted
  std::atomic<std::uint64_t> routes{1};    // what decides which version answers at a host
  // Builds that had stopped: the pull request of their commit was opened afterwards.
  std::atomic<std::uint64_t> stopped_builds{1};
};

}  // namespace kiln::store
