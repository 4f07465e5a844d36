// Events and sinks: what a move is told as, and which sink takes it.
#include "model/event.h"

#include <gtest/gtest.h>

#include "model/message_queue.h"
#include "model/sink.h"

namespace kiln::model {
namespace {

TEST(Events, AreWhatMovesOfBuildsAreToldAs) {
  EXPECT_EQ(event_of(Happening::running, {}), EventKind::build_started);
  EXPECT_EQ(event_of(Happening::initializing, {}), std::nullopt);
  EXPECT_EQ(event_of(Happening::linked, {}), std::nullopt);
  EXPECT_EQ(event_of(Happening::stopped, BuildOutcome::success), EventKind::build_succeeded);
  EXPECT_EQ(event_of(Happening::stopped, BuildOutcome::cancelled), EventKind::build_canceled);
  EXPECT_EQ(event_of(Happening::stopped, BuildOutcome::fail), EventKind::build_failed);
  EXPECT_EQ(event_of(Happening::stopped, BuildOutcome::terminated), EventKind::build_failed);
  EXPECT_EQ(event_of(Happening::stopped, BuildOutcome::skipped), EventKind::build_skipped)
      << "which is none of Workers Builds";
}

TEST(Events, AreKnownByTheNamesOfTheirTypes) {
  EXPECT_EQ(type_of(EventKind::build_canceled), "cf.workersBuilds.worker.build.canceled");
  for (const std::string_view name : event_names()) EXPECT_EQ(name_of(*event_of_name(name)), name);
  EXPECT_EQ(event_names().size(), 12U);
  EXPECT_FALSE(event_of_name("build.completed"));
  EXPECT_FALSE(event_of_name(""));
}

TEST(Moves, AreReadBackAndOnlySomeConcernAHost) {
  for (const Happening move : {Happening::queued, Happening::runner_lost, Happening::delivery_refused})
    EXPECT_EQ(parse_happening(to_string(move)), move);
  EXPECT_TRUE(is_reported(Happening::uploaded));
  EXPECT_FALSE(is_reported(Happening::deployed));
}

TEST(Sinks, TakeWhatTheyAskedForOfTheirWorker) {
  Sink sink;
  sink.events = {EventKind::build_failed};
  EXPECT_TRUE(wants(sink, EventKind::build_failed, "shop"));
  EXPECT_FALSE(wants(sink, EventKind::build_started, "shop"));
  sink.worker_name = "blog";
  EXPECT_FALSE(wants(sink, EventKind::build_failed, "shop"));
  sink.worker_name = "shop";
  sink.enabled = false;
  EXPECT_FALSE(wants(sink, EventKind::build_failed, "shop"));
}

TEST(Sinks, OfChangesTakeTheFirstFailureAndTheRecovery) {
  const auto takes = [](EventKind kind, std::optional<BuildOutcome> before) {
    return wants_ending(SinkOutcomes::changes, kind, before);
  };
  EXPECT_TRUE(takes(EventKind::build_failed, std::nullopt));
  EXPECT_TRUE(takes(EventKind::build_failed, BuildOutcome::success));
  EXPECT_FALSE(takes(EventKind::build_failed, BuildOutcome::fail));
  EXPECT_FALSE(takes(EventKind::build_failed, BuildOutcome::terminated));
  EXPECT_TRUE(takes(EventKind::build_succeeded, BuildOutcome::fail));
  EXPECT_FALSE(takes(EventKind::build_succeeded, BuildOutcome::success));
  EXPECT_FALSE(takes(EventKind::build_succeeded, std::nullopt));
  EXPECT_FALSE(takes(EventKind::build_canceled, BuildOutcome::fail));
  EXPECT_TRUE(wants_ending(SinkOutcomes::failures, EventKind::build_failed, BuildOutcome::fail));
  EXPECT_FALSE(wants_ending(SinkOutcomes::failures, EventKind::build_succeeded, BuildOutcome::fail));
}

TEST(QueueNames, AreReadAsABindingShowsThem) {
  for (const SentQueue& queue :
       {SentQueue{"account", "orders", {}}, SentQueue{"account", "orders", "version"}}) {
    const SentQueue read = read_sent_queue(sent_queue_name(queue));
    EXPECT_EQ(read.account_id, queue.account_id);
    EXPECT_EQ(read.name, queue.name);
    EXPECT_EQ(read.copy, queue.copy);
  }
  EXPECT_TRUE(read_sent_queue("account").name.empty());
  EXPECT_EQ(read_sent_queue("a.b.c.d").copy, "c.d");
}

TEST(QueueNames, AreOfLettersDigitsAndHyphens) {
  EXPECT_TRUE(is_queue_name("builds-of_shop2"));
  for (const char* bad : {"", "-a", "a-", "a b", "a/b", "ä"}) EXPECT_FALSE(is_queue_name(bad)) << bad;
  EXPECT_FALSE(is_queue_name(std::string(64, 'a')));
}

}  // namespace
}  // namespace kiln::model
