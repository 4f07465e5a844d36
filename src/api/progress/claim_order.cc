#include "api/progress/claim_order.h"

namespace kiln::api::progress {

ClaimOrder::Place ClaimOrder::place_of(std::size_t index, const OfLane& lane) const {
  return {lane.taken, !open_[index].begun, open_[index].number, index};
}

ClaimOrder::First ClaimOrder::first_of(const OfWorker& worker) {
  const auto& [behind, is_new, number, index] = *worker.waiting.begin();
  return {behind, is_new, worker.running, number, index};
}

void ClaimOrder::runs(std::size_t index) {
  ++workers_[open_[index].worker_tag].running;
  lanes_[lane_of(open_[index])].taken = true;
}

void ClaimOrder::waits(std::size_t index) {
  OfWorker& worker = workers_[open_[index].worker_tag];
  OfLane& lane = lanes_[lane_of(open_[index])];
  if (!worker.waiting.empty()) firsts_.erase(first_of(worker));
  lane.waiting.insert(index);
  worker.waiting.insert(place_of(index, lane));
  firsts_.insert(first_of(worker));
}

std::size_t ClaimOrder::take() {
  const std::size_t index = std::get<4>(*firsts_.begin());
  firsts_.erase(firsts_.begin());
  OfWorker& worker = workers_[open_[index].worker_tag];
  OfLane& lane = lanes_[lane_of(open_[index])];
  worker.waiting.erase(place_of(index, lane));
  lane.waiting.erase(index);
  ++worker.running;
  if (!lane.taken) {
    for (const std::size_t other : lane.waiting) worker.waiting.erase(place_of(other, lane));
    lane.taken = true;
    for (const std::size_t other : lane.waiting) worker.waiting.insert(place_of(other, lane));
  }
  if (!worker.waiting.empty()) firsts_.insert(first_of(worker));
  return index;
}

}  // namespace kiln::api::progress
