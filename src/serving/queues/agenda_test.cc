// In which order queues get their turns, and who starves whom: nobody.
#include "serving/queues/agenda.h"

#include <gtest/gtest.h>

namespace kiln::serving {
namespace {

using std::chrono::milliseconds;

store::ConsumedQueue queue_of(const std::string& id, const std::string& worker = "w", int concurrency = 0) {
  return {"account", id, "queue-" + id, worker, "worker-" + worker, concurrency};
}

struct AgendaTest : ::testing::Test {
  Agenda::Time now{milliseconds(1'000'000)};
  std::string next(Agenda& agenda) {
    now += milliseconds(1);
    const auto queue = agenda.begin(now);
    return queue ? queue->queue_id : "";
  }
};

TEST_F(AgendaTest, LooksAtEachQueueOnceUntilSomethingChanges) {
  Agenda agenda({});
  agenda.set_queues({queue_of("a"), queue_of("b")});
  EXPECT_EQ(next(agenda), "a");
  EXPECT_EQ(next(agenda), "b");
  EXPECT_EQ(next(agenda), "");
  agenda.none("a", now, milliseconds(50));
  agenda.none("b", now, std::nullopt);
  EXPECT_EQ(agenda.next_look(), now + milliseconds(50));
  agenda.wake("b");
  EXPECT_EQ(next(agenda), "b");
  agenda.wake("b");
  agenda.none("b", now, std::nullopt);
  EXPECT_EQ(next(agenda), "b") << "woken while it was looked at";
  agenda.none("b", now, std::nullopt);
  now += milliseconds(50);
  EXPECT_EQ(next(agenda), "a");
}

TEST_F(AgendaTest, LooksAgainWhereABatchEndedWhileTheQueueWasLookedAt) {
  Agenda agenda({});
  agenda.set_queues({queue_of("a")});
  EXPECT_EQ(next(agenda), "a");
  agenda.taken("a");
  EXPECT_EQ(next(agenda), "a");
  agenda.end("a", now, Agenda::How::called);
  agenda.none("a", now, milliseconds(20'000));
  EXPECT_EQ(next(agenda), "a") << "what the batch gave back was not there yet";
}

TEST_F(AgendaTest, RestsNoLongerWhereSeveralBatchesFailTogether) {
  Agenda agenda({});
  agenda.set_queues({queue_of("a")});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(next(agenda), "a");
    agenda.taken("a");
  }
  for (int i = 0; i < 3; ++i) agenda.end("a", now, Agenda::How::uncalled);
  EXPECT_EQ(agenda.next_look(), now + milliseconds(1'000));
}

TEST_F(AgendaTest, GivesAQueueAsManyPlacesAsItsConsumerSays) {
  Agenda agenda({});
  agenda.set_queues({queue_of("a", "w", 2)});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(next(agenda), "a");
    agenda.taken("a");
  }
  EXPECT_EQ(next(agenda), "");
  EXPECT_FALSE(agenda.next_look());
  agenda.end("a", now, Agenda::How::called);
  EXPECT_EQ(next(agenda), "a");
}

TEST_F(AgendaTest, KeepsPlacesForOthersHoweverLongAConsumerTakes) {
  Agenda agenda({.at_once = 4, .of_queue = 4, .of_worker = 3});
  agenda.set_queues(
      {queue_of("a", "x"), queue_of("b", "x"), queue_of("c", "x"), queue_of("d", "x"), queue_of("e", "y")});
  for (const char* id : {"a", "b", "c"}) {
    EXPECT_EQ(next(agenda), id);
    agenda.taken(id);
  }
  EXPECT_EQ(next(agenda), "e") << "the Worker x has its share";
  agenda.taken("e");
  EXPECT_EQ(next(agenda), "");
  agenda.end("a", now, Agenda::How::called);
  EXPECT_EQ(next(agenda), "d") << "it was begun never, a just now";
}

TEST_F(AgendaTest, RestsWhereTheWorkerCannotBeCalledUntilItIsRenewed) {
  Agenda agenda({});
  agenda.set_queues({queue_of("a")});
  for (const int rest : {1'000, 2'000, 4'000}) {
    EXPECT_EQ(next(agenda), "a");
    agenda.taken("a");
    agenda.end("a", now, Agenda::How::uncalled);
    EXPECT_EQ(agenda.next_look(), now + milliseconds(rest));
    agenda.wake("a");
    EXPECT_EQ(next(agenda), "") << "new messages do not end its rest";
    now += milliseconds(rest);
  }
  EXPECT_EQ(next(agenda), "a");
  agenda.taken("a");
  agenda.end("a", now, Agenda::How::uncalled);
  agenda.renew();
  EXPECT_EQ(next(agenda), "a");
}

TEST_F(AgendaTest, ForgetsAQueueOnceItsLastBatchHasEnded) {
  Agenda agenda({});
  agenda.set_queues({queue_of("a"), queue_of("b")});
  EXPECT_EQ(next(agenda), "a");
  agenda.taken("a");
  agenda.set_queues({queue_of("b", "other")});
  EXPECT_EQ(next(agenda), "b");
  agenda.end("a", now, Agenda::How::called);
  agenda.wake("a");
  agenda.none("b", now, std::nullopt);
  EXPECT_EQ(next(agenda), "");
}

}  // namespace
}  // namespace kiln::serving
