// Message queues and the event subscriptions that fill them, as the official SDK and wrangler ask for them:
// …/queues and …/event_subscriptions. Registered once by app; handlers keep no state.
#pragma once

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
};

void add_queue_routes(http::Router& router, const Gate& gate, const QueuesDeps& deps);

}  // namespace kiln::api
