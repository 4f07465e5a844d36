// Builds that wait for a maintainer's approval, and branches that go while builds of them wait.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Approvals : public Contract {
 protected:
  model::Build add_waiting(const model::Trigger& trigger, const std::string& branch, bool supersede = false) {
    Intake intake;
    intake.supersede = supersede;
    intake.builds.push_back(t.make_build(trigger));
    intake.builds[0].build.metadata.branch = branch;
    intake.builds[0].build.waits_for_approval = true;
    EXPECT_TRUE(t.queue.enqueue(intake));
    return intake.builds[0].build;
  }

  model::Build stored(const model::Build& build) {
    return t.builds.build(build.account_id, build.uuid)->build;
  }

  std::string last_line(const model::Build& build) {
    const auto log = t.builds.log(build.uuid, "", 10'000);
    return log->lines.empty() ? "" : log->lines.back().text;
  }
};

TEST_P(Approvals, AreWaitedForWithoutHoldingUpOthers) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build waiting = add_waiting(trigger, "eve:main");
  const model::Build of_branch = t.add_build(trigger, "eve:main");
  const model::Build other = t.add_build(trigger, "main");
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, of_branch.uuid);
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, other.uuid);
  EXPECT_FALSE(t.queue.claim(t.make_claim())->claimed);
  EXPECT_TRUE(stored(waiting).waits_for_approval);
  EXPECT_EQ(stored(waiting).status, model::BuildStatus::queued);
}

TEST_P(Approvals, LetABuildRunOnce) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build waiting = add_waiting(trigger, "eve:main");
  ASSERT_TRUE(t.queue.approve(trigger.account_id, waiting.uuid, "Approved by Ada."));
  EXPECT_EQ(last_line(waiting), "Approved by Ada.");
  EXPECT_EQ(t.queue.approve(trigger.account_id, waiting.uuid, "again").error().code, Errc::conflict);
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, waiting.uuid);
}

TEST_P(Approvals, AreOfTheAccountsOwnBuildsThatAreNotOver) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build waiting = add_waiting(trigger, "eve:main");
  EXPECT_EQ(t.queue.approve(std::string(32, '0'), waiting.uuid, "x").error().code, Errc::not_found);
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, waiting.uuid, "gone"));
  EXPECT_EQ(t.queue.approve(trigger.account_id, waiting.uuid, "x").error().code, Errc::conflict);
  EXPECT_TRUE(stored(waiting).waits_for_approval) << "nobody has approved the commit";
  EXPECT_EQ(t.queue.approve(trigger.account_id, t.add_build(trigger).uuid, "x").error().code, Errc::conflict);
}

TEST_P(Approvals, AreAskedForAnewByANewerCommit) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build first = add_waiting(trigger, "eve:main");
  const model::Build other = add_waiting(trigger, "eve:other");
  const model::Build second = add_waiting(trigger, "eve:main");
  EXPECT_EQ(stored(first).outcome, model::BuildOutcome::skipped) << "also where queued builds are kept";
  EXPECT_EQ(stored(other).status, model::BuildStatus::queued);
  EXPECT_EQ(stored(second).status, model::BuildStatus::queued);
}

TEST_P(Approvals, EndWithTheirBranchAsEveryBuildDoesThatNoRunnerHasHad) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build running = t.add_build(trigger, "x");
  ASSERT_EQ(t.claim_next(t.make_claim()).build.uuid, running.uuid);
  const model::Build queued = t.add_build(trigger, "x");
  const model::Build waiting = add_waiting(trigger, "x");
  const model::Build other = t.add_build(trigger, "y");
  Intake intake;
  intake.gone.push_back({trigger.connection.uuid, "x", "the branch x was deleted"});
  const Result<IntakeResult> taken = t.queue.enqueue(intake);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->cancelled, (std::vector<Uuid>{queued.uuid, waiting.uuid}));
  EXPECT_EQ(stored(queued).outcome, model::BuildOutcome::cancelled);
  EXPECT_EQ(last_line(queued), "Build was cancelled: the branch x was deleted.");
  EXPECT_EQ(stored(waiting).outcome, model::BuildOutcome::cancelled);
  EXPECT_FALSE(stored(running).outcome);
  EXPECT_FALSE(stored(other).outcome);
}

TEST_P(Approvals, DoNotChangeWhatWasPushedBefore) {
  const model::Trigger trigger = t.add_trigger();
  EXPECT_FALSE(t.builds.pushed_before(trigger, "main")->last);
  const model::Build first = t.add_build(trigger, "main");
  t.add_build(trigger, "other");
  Intake skipped;
  skipped.builds.push_back(t.make_build(trigger));
  skipped.builds[0].build.metadata.branch = "main";
  skipped.builds[0].build.metadata.commit_hash = std::string(40, '9');
  skipped.builds[0].build.status = model::BuildStatus::stopped;
  skipped.builds[0].build.outcome = model::BuildOutcome::skipped;
  skipped.builds[0].build.stopped_on = t.clock.now();
  Intake manual;
  manual.builds.push_back(t.make_build(trigger));
  manual.builds[0].build.metadata.branch = "main";
  manual.builds[0].build.metadata.source = model::TriggerSource::manual;
  ASSERT_TRUE(t.queue.enqueue(skipped) && t.queue.enqueue(manual));
  const auto before = t.builds.pushed_before(trigger, "main");
  ASSERT_TRUE(before);
  EXPECT_EQ(before->last, std::string(40, '9'));
  EXPECT_EQ(before->last_built, first.metadata.commit_hash);
}

KILN_CONTRACT(Approvals);

}  // namespace
}  // namespace kiln::store::contract
