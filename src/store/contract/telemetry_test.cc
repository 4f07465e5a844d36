// What every store must say of what waits, and keep of traces that are to be told.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct Telemetry : Contract {
  model::Trigger trigger = t.add_trigger();

  Gauges now() { return *t.gauges.gauges(); }
  void hand_on(const std::vector<Uuid>& traces) {
    const std::vector<OutboxRow> rows = *t.outbox.waiting(100);
    EventWishes wishes;
    wishes.traces = traces;
    ASSERT_TRUE(t.outbox.hand_on(rows.empty() ? 0 : rows.back().number, {}, wishes));
  }
};

TEST_P(Telemetry, NothingWaitsInAnEmptyStore) {
  const Gauges empty = now();
  EXPECT_EQ(empty.waiting + empty.running + empty.unapproved + empty.outbox + empty.traces, 0);
  EXPECT_FALSE(empty.oldest_waiting || empty.oldest_outbox || empty.oldest_report ||
               empty.oldest_sink_delivery);
}

TEST_P(Telemetry, BuildsWaitRunAndEnd) {
  const TimeMs first = t.clock.now();
  t.add_build(trigger, "main");
  t.clock.advance(5'000);
  t.add_build(trigger, "other");
  EXPECT_EQ(now().waiting, 2);
  EXPECT_EQ(now().oldest_waiting, first);
  const ClaimRequest request = t.make_claim();
  const Claimed claimed = t.claim_next(request);
  EXPECT_EQ(now().waiting, 1);
  EXPECT_EQ(now().running, 1);
  EXPECT_EQ(now().oldest_waiting, first + 5'000);
  ASSERT_TRUE(t.queue.finish(claimed.build.uuid, request.lease_id, model::BuildOutcome::success));
  EXPECT_EQ(now().running, 0);
}

TEST_P(Telemetry, ABuildThatIsTakenBackWaitsAgain) {
  t.add_build(trigger);
  t.claim_next(t.make_claim());
  ASSERT_TRUE(t.queue.recover(t.make_claim().runner_id, 3));
  EXPECT_EQ(now().waiting, 1);
  EXPECT_EQ(now().running, 0);
}

TEST_P(Telemetry, OneThatWaitsForApprovalWaitsForNoRunner) {
  NewBuild fresh = t.make_build(trigger);
  fresh.build.waits_for_approval = true;
  ASSERT_TRUE(t.queue.enqueue({"git", "d1", {fresh}, {}, false, {}, {}}));
  EXPECT_EQ(now().waiting, 0);
  EXPECT_EQ(now().unapproved, 1);
}

TEST_P(Telemetry, TheOutboxIsAsDeepAsWhatIsNotHandedOn) {
  t.add_build(trigger);
  t.clock.advance(1'000);
  t.add_build(trigger, "other");
  EXPECT_EQ(now().outbox, 2);
  EXPECT_EQ(now().oldest_outbox, t.clock.now() - 1'000);
  hand_on({});
  EXPECT_EQ(now().outbox, 0);
  EXPECT_FALSE(now().oldest_outbox);
}

TEST_P(Telemetry, ATraceIsDueUntilItIsDone) {
  const model::Build one = t.add_build(trigger);
  EXPECT_FALSE(*t.traces.due_on());
  EXPECT_FALSE(*t.traces.next());
  hand_on({one.uuid});
  hand_on({one.uuid});
  EXPECT_EQ(now().traces, 1);
  EXPECT_EQ((*t.traces.next())->build, one.uuid);
  EXPECT_EQ((*t.traces.next())->account_id, one.account_id);
  EXPECT_EQ((*t.traces.next())->attempts, 0);
  ASSERT_TRUE(t.traces.postpone(one.uuid, 1'000));
  EXPECT_FALSE(*t.traces.next());
  EXPECT_EQ(*t.traces.due_on(), t.clock.now() + 1'000);
  t.clock.advance(1'000);
  EXPECT_EQ((*t.traces.next())->attempts, 1);
  ASSERT_TRUE(t.traces.done(one.uuid));
  ASSERT_TRUE(t.traces.done(one.uuid));
  EXPECT_FALSE(*t.traces.next());
}

KILN_CONTRACT(Telemetry);

}  // namespace
}  // namespace kiln::store::contract
