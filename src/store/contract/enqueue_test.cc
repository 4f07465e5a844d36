#include <gtest/gtest.h>

#include "base/strings.h"
#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

Intake delivery(testing::StoreGround& t, const model::Trigger& trigger, const std::string& id) {
  Intake intake;
  intake.provider = "github";
  intake.delivery_id = id;
  intake.builds.push_back(t.make_build(trigger));
  return intake;
}

class Enqueue : public Contract {};
class Supersede : public Contract {};

TEST_P(Enqueue, StoresABuildWhole) {
  const model::Trigger trigger = t.add_trigger();
  Intake intake = delivery(t, trigger, "d1");
  model::Build& wanted = intake.builds[0].build;
  wanted.metadata.commit_message = "Two\nlines, a \xff bad byte";
  wanted.metadata.environment = {{"MODE", "fast", false, 3}, {"KEY", "must not be kept", true, 4}};
  wanted.pull_request = model::PullRequest{5, "https://github.com/octo/hello/pull/1"};
  ASSERT_TRUE(t.queue.enqueue(intake));
  const model::Build stored = t.builds.build(trigger.account_id, wanted.uuid)->build;
  EXPECT_EQ(stored.status, model::BuildStatus::queued);
  EXPECT_FALSE(stored.outcome);
  EXPECT_EQ(stored.created_on, wanted.created_on);
  EXPECT_FALSE(stored.initializing_on);
  EXPECT_EQ(stored.metadata.commit_hash, wanted.metadata.commit_hash);
  EXPECT_EQ(stored.metadata.commit_message, "Two\nlines, a \xEF\xBF\xBD bad byte");
  EXPECT_EQ(stored.metadata.build_token_uuid, trigger.build_token_uuid);
  ASSERT_EQ(stored.metadata.environment.size(), 2U);
  EXPECT_EQ(stored.metadata.environment[0].value, "fast");
  EXPECT_TRUE(stored.metadata.environment[1].is_secret);
  EXPECT_EQ(stored.metadata.environment[1].value, "");
  ASSERT_TRUE(stored.pull_request);
  EXPECT_EQ(stored.pull_request->url, wanted.pull_request->url);
}

TEST_P(Enqueue, KeepsBytesThatAreNoTextReadable) {
  const model::Trigger trigger = t.add_trigger();
  Intake intake = delivery(t, trigger, "d1");
  model::Build& wanted = intake.builds[0].build;
  wanted.metadata.commit_message = std::string("a\0b\xff", 4);
  wanted.metadata.author = "\xed\xa0\x80";
  ASSERT_TRUE(t.queue.enqueue(intake));
  const model::Build stored = t.builds.build(trigger.account_id, wanted.uuid)->build;
  EXPECT_EQ(stored.metadata.commit_message, to_valid_utf8(wanted.metadata.commit_message));
  EXPECT_EQ(stored.metadata.author, to_valid_utf8(wanted.metadata.author));
}

TEST_P(Enqueue, TakesADeliveryOnce) {
  const model::Trigger trigger = t.add_trigger();
  const IntakeResult first = *t.queue.enqueue(delivery(t, trigger, "d1"));
  EXPECT_FALSE(first.duplicate);
  const IntakeResult again = *t.queue.enqueue(delivery(t, trigger, "d1"));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.builds, first.builds);
  EXPECT_EQ(t.builds.builds_of_account(trigger.account_id, {})->total, 1U);
  Intake elsewhere = delivery(t, trigger, "d1");
  elsewhere.provider = "git";
  EXPECT_FALSE(t.queue.enqueue(elsewhere)->duplicate);
}

TEST_P(Enqueue, DedupesNothingWithoutADeliveryId) {
  const model::Trigger trigger = t.add_trigger();
  EXPECT_FALSE(t.queue.enqueue(delivery(t, trigger, ""))->duplicate);
  EXPECT_FALSE(t.queue.enqueue(delivery(t, trigger, ""))->duplicate);
  EXPECT_EQ(t.builds.builds_of_account(trigger.account_id, {})->total, 2U);
}

TEST_P(Enqueue, StoresASkippedBuildWithItsReason) {
  const model::Trigger trigger = t.add_trigger();
  Intake intake = delivery(t, trigger, "d1");
  model::Build& build = intake.builds[0].build;
  build.status = model::BuildStatus::stopped;
  build.outcome = model::BuildOutcome::skipped;
  build.stopped_on = t.clock.now();
  intake.builds[0].first_log = {{t.clock.now(), "Skipped: nothing to do.", true}};
  ASSERT_TRUE(t.queue.enqueue(intake));
  const model::Build stored = t.builds.build(trigger.account_id, build.uuid)->build;
  EXPECT_EQ(stored.outcome, model::BuildOutcome::skipped);
  EXPECT_EQ(stored.stopped_on, t.clock.now());
  EXPECT_EQ(t.builds.log(build.uuid, "", 1000)->lines, intake.builds[0].first_log);
  EXPECT_FALSE(t.queue.claim(t.make_claim())->claimed);
}

TEST_P(Enqueue, RefusesABuildInAnyOtherState) {
  Intake intake = delivery(t, t.add_trigger(), "d1");
  intake.builds[0].build.status = model::BuildStatus::running;
  EXPECT_EQ(t.queue.enqueue(intake).error().code, Errc::internal);
}

TEST_P(Enqueue, IsAllOrNothing) {
  const model::Trigger trigger = t.add_trigger();
  Intake intake = delivery(t, trigger, "d1");
  intake.builds.push_back(intake.builds[0]);  // the same uuid twice
  EXPECT_FALSE(t.queue.enqueue(intake));
  EXPECT_EQ(t.builds.builds_of_account(trigger.account_id, {})->total, 0U);
  EXPECT_FALSE(t.queue.enqueue(delivery(t, trigger, "d1"))->duplicate);
}

TEST_P(Supersede, SkipsTheWaitingBuildsOfTheSameTriggerAndBranch) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build older = t.add_build(trigger, "main");
  const model::Build other = t.add_build(trigger, "dev");
  t.clock.advance(9);
  Intake intake = delivery(t, trigger, "d1");
  intake.supersede = true;
  const IntakeResult result = *t.queue.enqueue(intake);
  EXPECT_EQ(result.superseded, std::vector<Uuid>{older.uuid});
  const model::Build stopped = t.builds.build(trigger.account_id, older.uuid)->build;
  EXPECT_EQ(stopped.outcome, model::BuildOutcome::skipped);
  EXPECT_EQ(stopped.stopped_on, t.clock.now());
  EXPECT_EQ(stopped.modified_on, t.clock.now());
  const model::Build& newer = intake.builds[0].build;
  EXPECT_EQ(t.builds.log(older.uuid, "", 1000)->lines.at(0).text,
            "Skipped: superseded by build " + newer.uuid.str() + " of a newer push (" +
                newer.metadata.commit_hash.substr(0, 7) + ").");
  EXPECT_EQ(t.builds.build(trigger.account_id, other.uuid)->build.status, model::BuildStatus::queued);
}

TEST_P(Supersede, LeavesABuildThatARunnerHasHad) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build started = t.add_build(trigger);
  t.claim_next(t.make_claim());
  ASSERT_TRUE(t.queue.recover("runner-1", 3));
  Intake intake = delivery(t, trigger, "d1");
  intake.supersede = true;
  EXPECT_TRUE(t.queue.enqueue(intake)->superseded.empty());
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, started.uuid);
}

TEST_P(Supersede, IsNotDoneByASkippedBuildNorUnasked) {
  const model::Trigger trigger = t.add_trigger();
  t.add_build(trigger);
  Intake skipped = delivery(t, trigger, "d1");
  skipped.supersede = true;
  skipped.builds[0].build.status = model::BuildStatus::stopped;
  skipped.builds[0].build.outcome = model::BuildOutcome::skipped;
  skipped.builds[0].build.stopped_on = t.clock.now();
  EXPECT_TRUE(t.queue.enqueue(skipped)->superseded.empty());
  EXPECT_TRUE(t.queue.enqueue(delivery(t, trigger, "d2"))->superseded.empty());
}

KILN_CONTRACT(Enqueue);
KILN_CONTRACT(Supersede);

}  // namespace
}  // namespace kiln::store::contract
