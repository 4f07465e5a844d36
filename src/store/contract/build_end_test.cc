#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

using model::BuildOutcome;
using model::BuildStatus;
std::string last_line(testing::StoreGround& t, const Uuid& build) {
  return t.builds.log(build, "", 1 << 20)->lines.back().text;
}

class Cancel : public Contract {};
class Finish : public Contract {};
class Recover : public Contract {};

TEST_P(Cancel, StopsABuildInAnyLiveState) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid leased = t.add_build(trigger, "a").uuid;
  t.claim_next(t.make_claim());
  const Uuid queued = t.add_build(trigger, "b").uuid;
  t.clock.advance(3);
  for (const Uuid& build : {leased, queued}) {
    EXPECT_EQ(*t.queue.cancel(trigger.account_id, build, "Build was cancelled."), t.clock.now());
    const model::Build stopped = t.builds.build(trigger.account_id, build)->build;
    EXPECT_EQ(stopped.status, BuildStatus::stopped);
    EXPECT_EQ(stopped.outcome, BuildOutcome::cancelled);
    EXPECT_EQ(stopped.stopped_on, t.clock.now());
    EXPECT_EQ(last_line(t, build), "Build was cancelled.");
  }
  EXPECT_FALSE(t.queue.claim(t.make_claim())->claimed);
}

TEST_P(Finish, PutsTheLastLineIntoTheLogWithTheEndOrNotAtAll) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid build = t.add_build(trigger).uuid;
  const ClaimRequest request = t.make_claim();
  t.claim_next(request);
  const auto finish = [&](const Uuid& by) {
    return t.queue.finish(build, by, BuildOutcome::success, {}, model::LogLine{1, "Done."});
  };
  EXPECT_EQ(finish(t.entropy.uuid()).error().code, Errc::lease_lost);
  EXPECT_TRUE(t.builds.log(build, "", 1 << 20)->lines.empty());
  ASSERT_TRUE(finish(request.lease_id));
  ASSERT_TRUE(finish(request.lease_id)) << "sent again";
  EXPECT_EQ(t.builds.log(build, "", 1 << 20)->lines.size(), 1U);
  EXPECT_EQ(last_line(t, build), "Done.");
}

TEST_P(Cancel, OfABuildThatIsOverIsAConflict) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid build = t.add_build(trigger).uuid;
  EXPECT_EQ(t.queue.cancel(t.add_account("else").id, build, "x").error().code, Errc::not_found);
  EXPECT_EQ(t.queue.cancel(trigger.account_id, t.entropy.uuid(), "x").error().code, Errc::not_found);
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build, "first"));
  EXPECT_EQ(t.queue.cancel(trigger.account_id, build, "second").error().code, Errc::conflict);
  EXPECT_EQ(t.builds.log(build, "", 1000)->lines.size(), 1U);
}

TEST_P(Recover, TakesOnlyLeasesThatHaveEnded) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid build = t.add_build(trigger).uuid;
  const ClaimRequest request = t.make_claim();
  t.claim_next(request);
  const TimeMs end = t.clock.now() + request.lease_ms;
  t.clock.advance(request.lease_ms - 1);
  EXPECT_TRUE(t.queue.recover(std::nullopt, 3)->requeued.empty());
  EXPECT_TRUE(t.queue.recover("another runner", 3)->requeued.empty());
  t.clock.advance(1);
  EXPECT_EQ(t.queue.recover(std::nullopt, 3)->requeued, std::vector<Uuid>{build});
  EXPECT_TRUE(t.queue.recover(std::nullopt, 3)->requeued.empty());
  EXPECT_EQ(last_line(t, build),
            "The runner of this build was lost; the build starts again (attempt 2 of 3).");
  EXPECT_EQ(t.builds.build(trigger.account_id, build)->build.modified_on, end);
}

TEST_P(Recover, KeepsTheSecretsForTheNextAttempt) {
  Intake intake;
  intake.builds.push_back(t.make_build(t.add_trigger()));
  intake.builds[0].secrets = {{"KEY", "value"}};
  ASSERT_TRUE(t.queue.enqueue(intake));
  t.claim_next(t.make_claim());
  ASSERT_TRUE(t.queue.recover("runner-1", 3));
  EXPECT_EQ(t.claim_next(t.make_claim()).secrets, intake.builds[0].secrets);
}

TEST_P(Recover, NeverRunsAgainWhatMayHaveDeployed) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid build = t.add_build(trigger).uuid;
  const ClaimRequest request = t.make_claim();
  t.claim_next(request);
  ASSERT_TRUE(t.queue.enter_step(build, request.lease_id, model::Step::deploy));
  const Recovered recovered = *t.queue.recover("runner-1", 3);
  EXPECT_TRUE(recovered.requeued.empty());
  EXPECT_EQ(recovered.terminated, std::vector<Uuid>{build});
  EXPECT_EQ(t.builds.build(trigger.account_id, build)->build.outcome, BuildOutcome::terminated);
  EXPECT_EQ(
      last_line(t, build),
      "Build was terminated: its runner was lost before it could tell how the deploy command ended, so it "
      "is not run again. No version of this build is known. Retry it if that is not what should be live.");
  EXPECT_EQ(t.queue.append_log(build, request.lease_id, 1, {model::pack({{1, "late"}})}).error().code,
            Errc::lease_lost);
  EXPECT_FALSE(t.queue.claim(t.make_claim())->claimed);
}

TEST_P(Recover, CountsAnUploadedVersionAsADeployWhateverStepMadeIt) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid build = t.add_build(trigger).uuid;
  t.claim_next(t.make_claim());
  NewVersion fresh;
  fresh.version.id = t.entropy.uuid();
  fresh.version.worker_tag = trigger.worker_tag;
  fresh.version.created_on = t.clock.now();
  fresh.version.build_uuid = build;
  ASSERT_TRUE(t.versions.add_version(fresh));
  EXPECT_EQ(t.queue.recover("runner-1", 3)->terminated, std::vector<Uuid>{build});
  EXPECT_NE(last_line(t, build).find("By then it had uploaded version " + fresh.version.id.str() + "."),
            std::string::npos);
}

TEST_P(Recover, EndsWithSuccessWhatHadDeployedForAllThatIsKnown) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid build = t.add_build(trigger).uuid;
  const ClaimRequest request = t.make_claim();
  t.claim_next(request);
  ASSERT_TRUE(t.queue.enter_step(build, request.lease_id, model::Step::deploy));
  ASSERT_TRUE(t.queue.enter_step(build, request.lease_id, model::Step::deployed));
  ASSERT_TRUE(t.queue.enter_step(build, request.lease_id, model::Step::deployed));
  const Recovered recovered = *t.queue.recover("runner-1", 1);
  EXPECT_TRUE(recovered.requeued.empty() && recovered.terminated.empty());
  EXPECT_EQ(recovered.completed, std::vector<Uuid>{build});
  const model::Build ended = t.builds.build(trigger.account_id, build)->build;
  EXPECT_EQ(ended.status, model::BuildStatus::stopped);
  EXPECT_EQ(ended.outcome, BuildOutcome::success);
  EXPECT_EQ(last_line(t, build), "Success! Build completed.");
  // Once, and by nobody else: the runner may live after all.
  EXPECT_EQ(t.queue.finish(build, request.lease_id, BuildOutcome::success).error().code, Errc::lease_lost);
  EXPECT_EQ(t.queue.finish(build, request.lease_id, BuildOutcome::fail).error().code, Errc::lease_lost);
  EXPECT_TRUE(t.queue.recover("runner-1", 1)->completed.empty());
  EXPECT_EQ(t.builds.log(build, "", 1000)->lines.size(), 2U);
  EXPECT_FALSE(t.queue.claim(t.make_claim())->claimed);
}

TEST_P(Recover, KeepsACancelThatCameAfterTheDeploy) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid build = t.add_build(trigger).uuid;
  const ClaimRequest request = t.make_claim();
  t.claim_next(request);
  ASSERT_TRUE(t.queue.enter_step(build, request.lease_id, model::Step::deployed));
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build, "Build was cancelled by someone."));
  EXPECT_TRUE(t.queue.recover("runner-1", 3)->completed.empty());
  EXPECT_EQ(t.builds.build(trigger.account_id, build)->build.outcome, BuildOutcome::cancelled);
}

TEST_P(Recover, GivesUpAfterTheLastAttempt) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid build = t.add_build(trigger).uuid;
  t.claim_next(t.make_claim());
  EXPECT_EQ(t.queue.recover("runner-1", 2)->requeued.size(), 1U);
  t.claim_next(t.make_claim());
  EXPECT_EQ(t.queue.recover("runner-1", 2)->terminated, std::vector<Uuid>{build});
  EXPECT_EQ(last_line(t, build), "Build was terminated: its runner was lost in each of its 2 attempts.");
}

KILN_CONTRACT(Cancel);
KILN_CONTRACT(Finish);
KILN_CONTRACT(Recover);

}  // namespace
}  // namespace kiln::store::contract
