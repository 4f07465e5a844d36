// Message queues and the event subscriptions that fill them, as the official SDK and wrangler ask for them:
// …/queues and …/event_subscriptions. Registered once by app; handlers keep no state.
#pragma once

#include <functional>
#include <string>

#include "api/auth.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "http/router.h"
#include "store/event_subscription_store.h"
#include "store/message_store.h"
#include "store/queue_store.h"

namespace kiln::api {

struct QueuesDeps {
  store::QueueStore& queues;
  store::MessageStore& messages;
  store::EventSubscriptionStore& subscriptions;
  const Clock& clock;
  Entropy& entropy;
  // Called, quickly, when that queue, or with an empty id any of them, may have messages that a Worker is to
  // be called with; and when queues have other consumers or settings. Empty: Workers are not called.
  std::function<void(const std::string& queue_id)> sent = {};
  std::function<void()> consumers_changed = {};
};

void add_queue_routes(http::Router& router, const Gate& gate, const QueuesDeps& deps);

}  // namespace kiln::api
