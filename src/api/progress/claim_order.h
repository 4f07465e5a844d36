// In which order store::BuildQueue::claim takes builds that wait: heads of lanes; lost ones first, then the
// Worker of which the fewest run, then the oldest. Taking n of them costs n log n. Belongs to its thread.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "store/story_store.h"

namespace kiln::api::progress {

using Lane = std::pair<Uuid, std::string>;  // a trigger and a branch: one build at a time

[[nodiscard]] inline Lane lane_of(const store::OpenBuild& build) {
  return {build.trigger_uuid, build.branch};
}

class ClaimOrder {
 public:
  // `open` outlives this, and does not change.
  explicit ClaimOrder(const std::vector<store::OpenBuild>& open) : open_(open) {}

  // One that a runner has. All of them come before the first that waits.
  void runs(std::size_t index);
  void waits(std::size_t index);
  [[nodiscard]] bool empty() const { return firsts_.empty(); }
  // The next, which runs from then on; there must be one.
  std::size_t take();

 private:
  using Place =
      std::tuple<bool, bool, std::int64_t, std::size_t>;  // behind another, never begun, number, index
  using First =
      std::tuple<bool, bool, int, std::int64_t, std::size_t>;  // the same, and what runs of its Worker
  // A trigger has one Worker, and so has a lane.
  struct OfWorker {
    int running = 0;
    std::set<Place> waiting;
  };
  struct OfLane {
    bool taken = false;
    std::set<std::size_t> waiting;
  };

  [[nodiscard]] Place place_of(std::size_t index, const OfLane& lane) const;
  [[nodiscard]] static First first_of(const OfWorker& worker);

  const std::vector<store::OpenBuild>& open_;
  std::map<std::string, OfWorker> workers_;
  std::map<Lane, OfLane> lanes_;
  std::set<First> firsts_;  // of each Worker that has some waiting
};

}  // namespace kiln::api::progress
