// What deploy hooks may start: one build that waits, and so many a minute.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

model::DeployHook cms_hook(testing::StoreGround& t, const model::Trigger& trigger) {
  return t.add_deploy_hook(trigger.account_id, trigger.worker_tag);
}

Intake call_of_branch(testing::StoreGround& t, const model::Trigger& trigger, const model::DeployHook& hook,
                      const std::string& branch = "main") {
  Intake intake;
  intake.hook = HookStart{hook.uuid, trigger.account_id, trigger.worker_tag, trigger.uuid, branch};
  intake.builds.push_back(t.make_build(trigger, branch));
  return intake;
}

// Starts `count` builds of branches named from `from` on.
void start_builds(testing::StoreGround& t, const model::Trigger& trigger, const model::DeployHook& hook,
                  int count, int from = 0) {
  for (int i = from; i < from + count; ++i) {
    const Result<IntakeResult> started =
        t.queue.enqueue(call_of_branch(t, trigger, hook, "b" + std::to_string(i)));
    ASSERT_TRUE(started) << started.error().message;
    ASSERT_FALSE(started->waiting);
  }
}

class DeployHookStarts : public Contract {};

TEST_P(DeployHookStarts, ReturnTheBuildThatWaits) {
  const model::Trigger trigger = t.add_trigger();
  const model::DeployHook hook = cms_hook(t, trigger);
  const Result<IntakeResult> first = t.queue.enqueue(call_of_branch(t, trigger, hook));
  ASSERT_TRUE(first);
  ASSERT_EQ(first->builds.size(), 1U);
  const Result<IntakeResult> second = t.queue.enqueue(call_of_branch(t, trigger, hook));
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->builds.empty());
  ASSERT_TRUE(second->waiting);
  EXPECT_EQ(second->waiting->uuid, first->builds[0]);
  // Another branch waits for itself, and a build that a runner has had is no longer waiting.
  EXPECT_FALSE(t.queue.enqueue(call_of_branch(t, trigger, hook, "dev"))->waiting);
  t.claim_next(t.make_claim());
  EXPECT_FALSE(t.queue.enqueue(call_of_branch(t, trigger, hook))->waiting);
}

TEST_P(DeployHookStarts, ReturnABuildThatAPushQueued) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build pushed = t.add_build(trigger);
  const Intake intake = call_of_branch(t, trigger, cms_hook(t, trigger));
  EXPECT_EQ((*t.queue.look_before_hook(*intake.hook))->uuid, pushed.uuid);
  EXPECT_EQ(t.queue.enqueue(intake)->waiting->uuid, pushed.uuid);
}

TEST_P(DeployHookStarts, MakeOneBuildWhenTwoCallAtOnce) {
  const model::Trigger trigger = t.add_trigger();
  const model::DeployHook hook = cms_hook(t, trigger);
  constexpr int callers = 8;
  std::vector<Intake> intakes;
  for (int i = 0; i < callers; ++i) intakes.push_back(call_of_branch(t, trigger, hook));
  std::atomic<int> made{0};
  std::vector<std::thread> threads;
  for (const Intake& intake : intakes) {
    threads.emplace_back([&] {
      const Result<IntakeResult> result = t.queue.enqueue(intake);
      if (result && !result->waiting) ++made;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(t.builds.builds_of_account(trigger.account_id, {})->total, 1U);
}

TEST_P(DeployHookStarts, AreTenAMinuteForAWorker) {
  const model::Trigger trigger = t.add_trigger();
  const model::DeployHook hook = cms_hook(t, trigger);
  start_builds(t, trigger, hook, 4);
  t.clock.advance(20'500);
  start_builds(t, trigger, hook, 6, 4);
  const Intake eleventh = call_of_branch(t, trigger, hook, "eleventh");
  EXPECT_EQ(t.queue.look_before_hook(*eleventh.hook).error().code, Errc::rate_limited);
  const Result<IntakeResult> refused = t.queue.enqueue(eleventh);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::rate_limited);
  EXPECT_EQ(refused.error().field, "40") << "seconds until the first four are a minute old";
  EXPECT_TRUE(t.queue.enqueue(call_of_branch(t, trigger, hook, "b0"))->waiting)
      << "what waits is not counted";
  // Neither a new hook nor a push counts anew, and another Worker has an allowance of its own.
  ASSERT_TRUE(t.deploy_hooks.delete_hook(hook.account_id, hook.worker_tag, hook.uuid));
  const model::DeployHook fresh = cms_hook(t, trigger);
  EXPECT_FALSE(t.queue.enqueue(call_of_branch(t, trigger, fresh, "eleventh")));
  t.add_build(trigger, "pushed");
  const model::Trigger other = t.add_trigger(t.add_worker(trigger.account_id, "other"));
  start_builds(t, other, cms_hook(t, other), 10);
  t.clock.advance(39'500);
  start_builds(t, trigger, fresh, 4, 20);
  EXPECT_FALSE(t.queue.enqueue(call_of_branch(t, trigger, fresh, "b24")));
}

TEST_P(DeployHookStarts, AreAHundredAMinuteForAnAccount) {
  const model::Trigger first = t.add_trigger();
  for (int i = 0; i < 10; ++i) {
    const model::Trigger trigger = t.add_trigger(t.add_worker(first.account_id, "w" + std::to_string(i)));
    start_builds(t, trigger, cms_hook(t, trigger), 10);
  }
  const Result<IntakeResult> refused = t.queue.enqueue(call_of_branch(t, first, cms_hook(t, first)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::rate_limited);
  EXPECT_EQ(refused.error().field, "60");
  const model::Trigger stranger = t.add_trigger();
  start_builds(t, stranger, cms_hook(t, stranger), 1);
}

TEST_P(DeployHookStarts, ForgiveAClockThatWasFarAhead) {
  const model::Trigger trigger = t.add_trigger();
  const model::DeployHook hook = cms_hook(t, trigger);
  const TimeMs right = t.clock.now();
  t.clock.set_now(right + 3'600'000);
  start_builds(t, trigger, hook, 10);
  t.clock.set_now(right);
  start_builds(t, trigger, hook, 10, 10);
  EXPECT_FALSE(t.queue.enqueue(call_of_branch(t, trigger, hook, "b20")));
}

TEST_P(DeployHookStarts, OutliveTheProcess) {
  const model::Trigger trigger = t.add_trigger();
  const model::DeployHook hook = cms_hook(t, trigger);
  start_builds(t, trigger, hook, 10);
  const auto again = GetParam().open(t.folder.path(), t.clock, t.box, t.entropy);
  EXPECT_EQ(again->ports().queue.enqueue(call_of_branch(t, trigger, hook, "eleventh")).error().code,
            Errc::rate_limited);
}

KILN_CONTRACT(DeployHookStarts);

}  // namespace
}  // namespace kiln::store::contract
