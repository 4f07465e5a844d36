#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/hash.h"
#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Claim : public Contract {};

TEST_P(Claim, HandsOverEverythingARunnerNeeds) {
  const model::Trigger trigger = t.add_trigger();
  Intake intake;
  intake.builds.push_back(t.make_build(trigger));
  intake.builds[0].secrets = {{"KEY", "v\"al\nue"}, {"OTHER", ""}};
  ASSERT_TRUE(t.queue.enqueue(intake));
  t.clock.advance(4);
  const Claimed claimed = t.claim_next(t.make_claim());
  EXPECT_EQ(claimed.build.uuid, intake.builds[0].build.uuid);
  EXPECT_EQ(claimed.build.status, model::BuildStatus::initializing);
  EXPECT_EQ(claimed.build.initializing_on, t.clock.now());
  EXPECT_EQ(claimed.build.modified_on, t.clock.now());
  EXPECT_EQ(claimed.attempt, 1);
  EXPECT_EQ(claimed.secrets, intake.builds[0].secrets);
  EXPECT_EQ(claimed.worker.name, "hello");
  EXPECT_EQ(claimed.connection.clone_url, trigger.connection.clone_url);
  EXPECT_EQ(claimed.trigger.uuid, trigger.uuid);
  EXPECT_EQ(claimed.build_token_secret, "cf-token-secret");
}

TEST_P(Claim, FindsNothingInAnEmptyQueue) {
  EXPECT_FALSE(t.queue.claim(t.make_claim())->claimed);
}

TEST_P(Claim, TakesTheOldestFirst) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build first = t.add_build(trigger, "a");
  t.clock.advance(-1000);  // the administrator sets the clock back
  const model::Build second = t.add_build(trigger, "b");
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, first.uuid);
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, second.uuid);
  EXPECT_FALSE(t.queue.claim(t.make_claim())->claimed);
}

TEST_P(Claim, IsFairBetweenWorkers) {
  const std::string account = t.add_account().id;
  const model::Trigger busy = t.add_trigger(t.add_worker(account, "busy"));
  const model::Trigger calm = t.add_trigger(t.add_worker(account, "calm"));
  for (const char* branch : {"a", "b", "c"}) t.add_build(busy, branch);
  const model::Build late = t.add_build(calm);
  EXPECT_EQ(t.claim_next(t.make_claim()).trigger.uuid, busy.uuid);
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, late.uuid);
  EXPECT_EQ(t.claim_next(t.make_claim()).trigger.uuid, busy.uuid);
}

TEST_P(Claim, KeepsToTheAccountsLimit) {
  const model::Trigger mine = t.add_trigger(t.add_worker(t.add_account().id));
  const model::Trigger theirs = t.add_trigger(t.add_worker(t.add_account("else").id));
  for (const char* branch : {"a", "b", "c"}) t.add_build(mine, branch);
  const ClaimRequest first = t.make_claim("runner-1", 2);
  const model::Build running = t.claim_next(first).build;
  t.claim_next(t.make_claim("runner-1", 2));
  EXPECT_FALSE(t.queue.claim(t.make_claim("runner-1", 2))->claimed);
  t.add_build(theirs);
  EXPECT_EQ(t.claim_next(t.make_claim("runner-1", 2)).trigger.uuid, theirs.uuid);
  ASSERT_TRUE(t.queue.finish(running.uuid, first.lease_id, model::BuildOutcome::fail));
  EXPECT_EQ(t.claim_next(t.make_claim("runner-1", 2)).trigger.uuid, mine.uuid);
}

TEST_P(Claim, RunsOneBuildOfATriggerAndBranchAtATimeInOrder) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build first = t.add_build(trigger);
  const model::Build second = t.add_build(trigger);
  const model::Build elsewhere = t.add_build(trigger, "dev");
  const ClaimRequest request = t.make_claim();
  EXPECT_EQ(t.claim_next(request).build.uuid, first.uuid);
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, elsewhere.uuid);
  EXPECT_FALSE(t.queue.claim(t.make_claim())->claimed);
  ASSERT_TRUE(t.queue.finish(first.uuid, request.lease_id, model::BuildOutcome::success));
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, second.uuid);
}

TEST_P(Claim, TakesARequeuedBuildFirstAndCountsItsAttempts) {
  const std::string account = t.add_account().id;
  const model::Trigger trigger = t.add_trigger(t.add_worker(account, "one"));
  const model::Build lost = t.add_build(trigger);
  const model::Build next = t.add_build(trigger);
  const ClaimRequest first = t.make_claim();
  t.claim_next(first);
  ASSERT_TRUE(t.queue.enter_step(lost.uuid, first.lease_id, model::Step::build));
  const TimeMs started = t.clock.now();
  t.add_build(t.add_trigger(t.add_worker(account, "two")));
  t.clock.advance(60'000);
  ASSERT_EQ(t.queue.recover(std::nullopt, 3)->requeued, std::vector<Uuid>{lost.uuid});
  const Claimed again = t.claim_next(t.make_claim());
  EXPECT_EQ(again.build.uuid, lost.uuid);
  EXPECT_EQ(again.attempt, 2);
  EXPECT_EQ(again.build.status, model::BuildStatus::running);
  EXPECT_EQ(again.build.initializing_on, started);
  EXPECT_EQ(t.builds.build(account, next.uuid)->build.status, model::BuildStatus::queued);
}

TEST_P(Claim, SaysThatTheBuildTokenWasDeleted) {
  const model::Trigger trigger = t.add_trigger();
  t.add_build(trigger);
  ASSERT_TRUE(
      t.build_tokens.delete_build_token(trigger.account_id, *trigger.build_token_uuid, t.clock.now()));
  EXPECT_FALSE(t.claim_next(t.make_claim()).build_token_secret);
}

TEST_P(Claim, TakesTheDefaultTokenWhenTheTriggerNamesNone) {
  model::Trigger trigger = t.add_trigger();
  trigger.build_token_uuid.reset();
  ASSERT_TRUE(t.triggers.update_trigger(trigger));
  for (const char* branch : {"a", "b", "c"}) t.add_build(trigger, branch);
  EXPECT_EQ(t.claim_next(t.make_claim()).build_token_secret, "");
  model::BuildToken token;
  token.uuid = t.entropy.uuid();
  token.account_id = trigger.account_id;
  token.is_default = true;
  ASSERT_TRUE(t.build_tokens.add_build_token(token, "the default"));
  EXPECT_EQ(t.claim_next(t.make_claim()).build_token_secret, "the default");
  ASSERT_TRUE(t.build_tokens.delete_build_token(trigger.account_id, token.uuid, t.clock.now()));
  EXPECT_FALSE(t.claim_next(t.make_claim()).build_token_secret);
}

TEST_P(Claim, StillRunsABuildWhoseTriggerWasDeletedMeanwhile) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build build = t.add_build(trigger);
  ASSERT_TRUE(t.triggers.delete_trigger(trigger.account_id, trigger.uuid, t.clock.now()));
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, build.uuid);
}

TEST_P(Claim, GivesEachBuildToOneOfManyRunners) {
  const model::Trigger trigger = t.add_trigger();
  constexpr int builds = 12;
  for (int i = 0; i < builds; ++i) t.add_build(trigger, "b" + std::to_string(i));
  std::mutex mutex;
  std::multiset<std::string> taken;
  std::vector<std::thread> runners;
  for (int r = 0; r < 4; ++r) {
    runners.emplace_back([&] {
      while (true) {
        const Result<ClaimResult> result = t.queue.claim(t.make_claim("runner", 100));
        if (!result || !result->claimed) return;
        const std::lock_guard lock(mutex);
        taken.insert(result->claimed->build.uuid.str());
      }
    });
  }
  for (std::thread& runner : runners) runner.join();
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(builds));
  EXPECT_EQ(std::set<std::string>(taken.begin(), taken.end()).size(), static_cast<std::size_t>(builds));
}

TEST_P(Claim, FailsABuildWhoseSecretsDoNotOpenAndGoesOn) {
  const model::Trigger trigger = t.add_trigger();
  Intake intake;
  intake.builds.push_back(t.make_build(trigger, "a"));
  intake.builds[0].secrets = {{"KEY", "value"}};
  ASSERT_TRUE(t.queue.enqueue(intake));
  model::Trigger tokenless = trigger;
  tokenless.build_token_uuid.reset();
  const model::Build sound = t.add_build(tokenless, "b");
  const SecretBox other_key(sha256("another key"));
  const auto again = GetParam().open(t.folder.path(), t.clock, other_key, t.entropy);
  const Result<ClaimResult> result = again->ports().queue.claim(t.make_claim());
  ASSERT_TRUE(result && result->claimed);
  EXPECT_EQ(result->claimed->build.uuid, sound.uuid);
  const Uuid broken = intake.builds[0].build.uuid;
  EXPECT_EQ(result->stopped, std::vector<Uuid>{broken});
  EXPECT_EQ(t.builds.build(trigger.account_id, broken)->build.outcome, model::BuildOutcome::fail);
  EXPECT_EQ(t.builds.log(broken, "", 1000)->lines.size(), 1U);
}

KILN_CONTRACT(Claim);

}  // namespace
}  // namespace kiln::store::contract
