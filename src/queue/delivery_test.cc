// What is kept of a delivery beside its builds.
#include "model/delivery.h"

#include "queue/queue_for_test.h"

namespace kiln::queue {
namespace {

TEST_F(QueueTest, KeepsADeliveryWithTheVerdictOfEachTrigger) {
  const model::Trigger trigger = store_.add_trigger();
  const auto the_only = [&] {
    const auto found = store_.deliveries.deliveries(trigger.account_id, {}, {});
    EXPECT_EQ(found->total, 1U);
    return found->items.at(0);
  };
  const std::vector<std::string> notes = take(trigger, push_to("other", "d1")).notes;
  const model::Delivery passed = the_only();
  EXPECT_EQ(passed.origin.provider_id, "d1");
  EXPECT_EQ(passed.repo_name, "hello");
  EXPECT_EQ(passed.received_on, store_.clock.now());
  EXPECT_EQ(passed.refs.at(0),
            (model::DeliveryRef{"refs/heads/other", "other", std::string(40, '1'), std::string(40, '2')}));
  EXPECT_EQ(passed.notes, notes);
  ASSERT_EQ(passed.verdicts.size(), 1U);
  const model::Verdict& verdict = passed.verdicts[0];
  EXPECT_EQ(verdict.trigger_uuid, trigger.uuid);
  EXPECT_EQ(verdict.worker_name, "hello");
  EXPECT_EQ(verdict.decision, model::Decision::passed_over);
  EXPECT_EQ(verdict.rule, "the branch patterns (main) do not include other");
  EXPECT_FALSE(verdict.build);

  model::Trigger wider = trigger;
  wider.branch_includes = {"*"};
  ASSERT_TRUE(store_.triggers.update_trigger(wider));
  const Taken taken = take(trigger, push_to("other", "d1"));
  ASSERT_EQ(taken.builds.size(), 1U) << "what made nothing may be delivered again once a trigger takes it";
  EXPECT_FALSE(taken.duplicate);
  EXPECT_EQ(the_only().verdicts.at(0).build, taken.builds[0].build);
  EXPECT_TRUE(take(trigger, push_to("other", "d1")).duplicate);
  EXPECT_EQ(the_only().repeated, 2);
  EXPECT_EQ(the_only().uuid, passed.uuid);
}

TEST_F(QueueTest, KeepsNoMoreOfADeliveryThanThereIsRoomFor) {
  const model::Trigger trigger = store_.add_trigger();
  std::vector<model::PushEvent> pushes(model::kMostPassedOverKept + 9, push_to("x", "d1"));
  pushes.back().ref = "refs/heads/main";
  ASSERT_TRUE(queue_.take_push(trigger.connection, pushes, nullptr));
  const model::Delivery kept = store_.deliveries.deliveries(trigger.account_id, {}, {})->items.at(0);
  EXPECT_EQ(kept.refs.size(), model::kMostRefsKept);
  ASSERT_EQ(kept.verdicts.size(), model::kMostPassedOverKept + 1);
  EXPECT_TRUE(kept.verdicts.back().build) << "a build's own verdict is always kept";
}

TEST_F(QueueTest, KeepsWhatAsksForNothing) {
  const model::Trigger trigger = store_.add_trigger();
  const model::DeliveryOrigin ping{"github", "guid", "ping", model::SignatureResult::verified};
  EXPECT_EQ(queue_.take_nothing(trigger.connection, ping, "hash", "event ping builds nothing")->notes.size(),
            1U);
  const auto found = store_.deliveries.deliveries(trigger.account_id, {.provider_id = "guid"}, {});
  ASSERT_EQ(found->total, 1U);
  EXPECT_EQ(found->items[0].origin, ping);
  EXPECT_EQ(found->items[0].notes, std::vector<std::string>{"event ping builds nothing"});
}

TEST_F(QueueTest, JudgesAPushThatNobodyMade) {
  const model::Trigger trigger = store_.add_trigger();
  const auto verdicts = queue_.judge(trigger.account_id, {trigger}, push_to("x", ""));
  ASSERT_TRUE(verdicts && verdicts->size() == 1);
  EXPECT_EQ(verdicts->at(0).decision, model::Decision::passed_over);
  EXPECT_EQ(queue_.judge(trigger.account_id, {trigger}, push_to("main", ""))->at(0).decision,
            model::Decision::built);
  EXPECT_EQ(store_.deliveries.deliveries(trigger.account_id, {}, {})->total, 0U);
  EXPECT_EQ(store_.builds.builds_of_account(trigger.account_id, {})->total, 0U);
}

TEST_F(QueueTest, MakesNothingOfASecondHookThatTellsWhatTheFirstHadToldOf) {
  const model::Trigger trigger = store_.add_trigger();
  const auto move = [&](const std::string& delivery, char from, char to) {
    model::PushEvent push = push_to("main", delivery);
    push.before = std::string(40, from);
    push.after = std::string(40, to);
    return take(trigger, push);
  };
  EXPECT_EQ(move("app", '1', '2').builds.size(), 1U);
  const Taken again = move("hook", '1', '2');
  EXPECT_TRUE(again.builds.empty());
  ASSERT_EQ(again.notes.size(), 1U);
  EXPECT_EQ(again.notes[0], "refs/heads/main: this push was taken in before, by another delivery");
  EXPECT_TRUE(move("hook", '1', '2').builds.empty()) << "also when that one comes again";
  EXPECT_TRUE(move("group", '1', '2').builds.empty()) << "and by a third hook";
  EXPECT_TRUE(move("app", '1', '2').duplicate) << "told again by the same hook it is the same";
  EXPECT_EQ(move("back", '2', '1').builds.size(), 1U);
  EXPECT_EQ(move("forth", '1', '2').builds.size(), 1U) << "a branch that comes back is news";
  EXPECT_EQ(move("app on", '2', '3').builds.size(), 1U);
  EXPECT_TRUE(move("hook late", '1', '2').builds.empty())
      << "not even a skipped one, of what was told before";
}

TEST_F(QueueTest, JudgesASecondHooksWordWhereTheFirstHadLedToNothing) {
  const model::Trigger trigger = store_.add_trigger();
  model::Trigger narrow = trigger;
  narrow.branch_includes = {"release"};
  ASSERT_TRUE(store_.triggers.update_trigger(narrow));
  EXPECT_TRUE(take(trigger, push_to("main", "first")).builds.empty());
  ASSERT_TRUE(store_.triggers.update_trigger(trigger));
  EXPECT_EQ(take(trigger, push_to("main", "second")).builds.size(), 1U);
}

}  // namespace
}  // namespace kiln::queue
