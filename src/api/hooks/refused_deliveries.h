// Deliveries of connected repositories whose signature was refused: noted in memory and written on a timer,
// so that a stranger learns nothing from how long the answer took, and a flood costs one transaction. Nothing
// of their bodies is kept, which nobody vouches for. Owned by app; any thread.
#pragma once

#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "model/delivery.h"
#include "model/trigger.h"
#include "store/delivery_store.h"

namespace kiln::api {

class RefusedDeliveries {
 public:
  RefusedDeliveries(store::DeliveryStore& store, const Clock& clock, Entropy& entropy)
      : store_(store), clock_(clock), entropy_(entropy) {}

  // Those beyond what may wait, of one connection or of all, are forgotten.
  void note(const model::RepoConnection& connection, const model::DeliveryOrigin& origin);
  // Stores what was noted since.
  void write();

 private:
  store::DeliveryStore& store_;
  const Clock& clock_;
  Entropy& entropy_;
  std::mutex mutex_;
  std::vector<model::Delivery> waiting_;
};

}  // namespace kiln::api
