// From what happened to the queues and sinks that are to hear of it. Where nobody listens it looks at
// nothing. Owned by app; any thread.
#pragma once

#include <vector>

#include "store/build_store.h"
#include "store/event_subscription_store.h"
#include "store/outbox.h"
#include "store/sink_store.h"

namespace kiln::events {

class FanOut {
 public:
  struct Parts {
    store::EventSubscriptionStore& subscriptions;
    store::SinkStore& sinks;
    store::BuildStore& builds;
  };
  explicit FanOut(Parts parts) : parts_(parts) {}

  // In the order of the rows. The same rows give the same messages and deliveries, by their ids. Errors:
  // those of the store; what is damaged is left out, with a line in the log.
  [[nodiscard]] Result<store::EventWishes> wishes(const std::vector<store::OutboxRow>& rows);

 private:
  struct Listeners {
    std::vector<model::EventSubscription> subscriptions;
    std::vector<model::Sink> sinks;
  };
  [[nodiscard]] Result<Listeners> listeners_of(const std::string& account_id);
  [[nodiscard]] Status add(const store::OutboxRow& row, const Listeners& listeners, store::EventWishes& out);
  [[nodiscard]] Result<bool> fits(const model::Sink& sink, const model::Event& event,
                                  const std::optional<store::BuildView>& view);

  Parts parts_;
};

}  // namespace kiln::events
