// Port: which events go into which queues. Owned by app; every method is one durable transaction and safe
// from any thread. What belongs to another account is Errc::not_found.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/event_subscription.h"
#include "store/page.h"

namespace kiln::store {

class EventSubscriptionStore {
 public:
  virtual ~EventSubscriptionStore() = default;

  // Errors: Errc::invalid, field destination.queue_id, when the account has no such queue.
  [[nodiscard]] virtual Status add_subscription(const model::EventSubscription& subscription) = 0;
  // The newest first; of that queue, unless it is empty.
  [[nodiscard]] virtual Result<Paged<model::EventSubscription>> subscriptions(const std::string& account_id,
                                                                              const std::string& queue_id,
                                                                              Page page) = 0;
  [[nodiscard]] virtual Result<model::EventSubscription> subscription(const std::string& account_id,
                                                                      const std::string& id) = 0;
  // All but its source. Errors: as add_subscription().
  [[nodiscard]] virtual Status change_subscription(const model::EventSubscription& subscription) = 0;
  [[nodiscard]] virtual Status delete_subscription(const std::string& account_id, const std::string& id) = 0;

  // Those that are enabled.
  [[nodiscard]] virtual Result<std::vector<model::EventSubscription>> listening_subscriptions(
      const std::string& account_id) = 0;
};

}  // namespace kiln::store
