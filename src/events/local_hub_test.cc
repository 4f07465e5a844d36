#include "events/local_hub.h"

#include <gtest/gtest.h>

namespace kiln::events {
namespace {

TEST(Hub, WakesOnlyWhoWaitsForTheTopic) {
  LocalHub hub;
  int queue = 0;
  int other = 0;
  const Hub::Ticket a = hub.subscribe("queue", [&] { ++queue; });
  const Hub::Ticket b = hub.subscribe("other", [&] { ++other; });
  hub.notify("queue");
  hub.notify("nobody");
  EXPECT_EQ(queue, 1);
  EXPECT_EQ(other, 0);
  hub.unsubscribe(a);
  hub.unsubscribe(b);
}

TEST(Hub, IsSilentAfterUnsubscribe) {
  LocalHub hub;
  int woken = 0;
  const Hub::Ticket first = hub.subscribe("t", [&] { ++woken; });
  const Hub::Ticket second = hub.subscribe("t", [&] { ++woken; });
  hub.unsubscribe(first);
  hub.notify("t");
  EXPECT_EQ(woken, 1);
  hub.unsubscribe(first);
  hub.unsubscribe(second);
  hub.notify("t");
  EXPECT_EQ(woken, 1);
}

}  // namespace
}  // namespace kiln::events
