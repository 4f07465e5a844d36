// Which builds changed after they had stopped, for whoever keeps what readers are told of them: each keeper
// remembers the count as of which it is right and drops what has come since. Owned by store::Changes; safe
// from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"

namespace kiln::store {

class ChangedBuilds {
 public:
  // So many ids are remembered; a keeper that is further behind drops everything.
  static constexpr std::size_t kRemembered = 4'096;

  // `ids`, the builds' own and those of the versions they made, have brought the count to `count`; all that
  // there were in between, or what is remembered of them.
  void take(std::uint64_t count, std::span<const Uuid> ids);
  // Ids taken so far. Read it before the store is read: what is kept under an older count is dropped.
  [[nodiscard]] std::uint64_t count() const { return count_.load(); }

  struct Since {
    std::uint64_t count = 0;               // where to go on from
    std::optional<std::vector<Uuid>> ids;  // nothing: more than are remembered
  };
  // What was taken since count() was `seen`.
  [[nodiscard]] Since since(std::uint64_t seen) const;

 private:
  mutable std::mutex mutex_;  // over recent_
  std::deque<Uuid> recent_;
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace kiln::store
