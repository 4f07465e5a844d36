#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

using model::BuildOutcome;
using model::BuildStatus;
using model::Step;
// One build, claimed.
struct Lease : Contract {
  model::Trigger trigger = t.add_trigger();
  Uuid build = t.add_build(trigger).uuid;
  ClaimRequest request = t.make_claim();
  Claimed claimed = t.claim_next(request);
  Uuid lease = request.lease_id;

  model::Build now() { return t.builds.build(trigger.account_id, build)->build; }
  // A version that the build's own token uploaded.
  Uuid upload(const model::Build& by) {
    NewVersion fresh;
    fresh.version.id = t.entropy.uuid();
    fresh.version.worker_tag = trigger.worker_tag;
    fresh.version.created_on = t.clock.now();
    fresh.version.build_uuid = by.uuid;
    EXPECT_TRUE(t.versions.add_version(fresh));
    return fresh.version.id;
  }
  std::vector<std::string> log() {
    std::vector<std::string> out;
    const LogPage page = *t.builds.log(build, "", 1 << 20);
    for (const model::LogLine& line : page.lines) out.push_back(line.text);
    return out;
  }
};

TEST_P(Lease, EndsLaterEachTimeItIsRenewed) {
  ASSERT_TRUE(t.queue.renew(build, lease, request.lease_ms + 500));
  ASSERT_TRUE(t.queue.renew(build, lease, request.lease_ms - 500)) << "ends no sooner by that";
  t.clock.advance(request.lease_ms + 499);
  EXPECT_TRUE(t.queue.recover(std::nullopt, 3)->requeued.empty());
  ASSERT_TRUE(t.queue.renew(build, lease, 1'000));
  t.clock.advance(999);
  EXPECT_TRUE(t.queue.recover(std::nullopt, 3)->requeued.empty());
  t.clock.advance(1);
  EXPECT_EQ(t.queue.recover(std::nullopt, 3)->requeued, std::vector<Uuid>{build});
}

TEST_P(Lease, IsRefusedToAnybodyElse) {
  const Uuid other = t.entropy.uuid();
  EXPECT_EQ(t.queue.renew(build, other, 1).error().code, Errc::lease_lost);
  EXPECT_EQ(t.queue.enter_step(build, other, Step::deploy).error().code, Errc::lease_lost);
  EXPECT_EQ(t.queue.append_log(build, other, 1, {model::pack({{1, "x"}})}).error().code, Errc::lease_lost);
  EXPECT_EQ(t.queue.finish(build, other, BuildOutcome::fail).error().code, Errc::lease_lost);
  EXPECT_EQ(t.queue.finish(other, lease, BuildOutcome::fail).error().code, Errc::lease_lost);
  EXPECT_EQ(t.queue.leased_connection(build, other).error().code, Errc::lease_lost);
  EXPECT_EQ(t.queue.leased_connection(build, lease)->uuid, trigger.connection.uuid);
  EXPECT_EQ(now().status, BuildStatus::initializing);
}

TEST_P(Lease, CountsTheVersionsOfTheBuild) {
  EXPECT_EQ(t.queue.uploads(build, lease, {})->versions, 0);
  upload(claimed.build);
  const Result<Uploads> uploads = t.queue.uploads(build, lease, {});
  EXPECT_EQ(uploads->versions, 1);
  EXPECT_TRUE(uploads->refused.empty());
  EXPECT_EQ(t.queue.uploads(build, t.entropy.uuid(), {}).error().code, Errc::lease_lost);
}

TEST_P(Lease, BelievesAClaimOnlyOfAVersionThatIsNobodyElses) {
  const Uuid uploaded = upload(claimed.build);
  const Uuid claimed_version = t.entropy.uuid();
  ASSERT_EQ(t.queue.uploads(build, lease, {claimed_version})->versions, 2);
  EXPECT_EQ(t.queue.uploads(build, lease, {claimed_version})->versions, 2) << "told twice";
  ASSERT_TRUE(t.queue.finish(build, lease, BuildOutcome::success));

  t.add_build(trigger);
  const ClaimRequest next = t.make_claim();
  const Claimed other = t.claim_next(next);
  const Result<Uploads> uploads =
      t.queue.uploads(other.build.uuid, next.lease_id, {uploaded, claimed_version});
  EXPECT_EQ(uploads->versions, 0);
  EXPECT_EQ(uploads->refused, (std::vector<Uuid>{uploaded, claimed_version}));
}

TEST_P(Lease, StepsMakeTheBuildRunningOnce) {
  ASSERT_TRUE(t.queue.enter_step(build, lease, Step::checkout));
  ASSERT_TRUE(t.queue.enter_step(build, lease, Step::tools));
  EXPECT_EQ(now().status, BuildStatus::initializing);
  t.clock.advance(10);
  const TimeMs running = t.clock.now();
  ASSERT_TRUE(t.queue.enter_step(build, lease, Step::install));
  t.clock.advance(10);
  ASSERT_TRUE(t.queue.enter_step(build, lease, Step::build));
  ASSERT_TRUE(t.queue.enter_step(build, lease, Step::build));
  EXPECT_EQ(now().status, BuildStatus::running);
  EXPECT_EQ(now().running_on, running);
  EXPECT_EQ(now().modified_on, t.clock.now());
}

TEST_P(Lease, TimesNeverGoBackwards) {
  const TimeMs before = t.clock.now();
  t.clock.advance(-5'000);
  ASSERT_TRUE(t.queue.enter_step(build, lease, Step::build));
  EXPECT_EQ(now().running_on, before);
  t.clock.advance(-4'000);
  ASSERT_TRUE(t.queue.finish(build, lease, BuildOutcome::success));
  EXPECT_EQ(now().stopped_on, before);
  EXPECT_EQ(now().modified_on, before);
}

TEST_P(Lease, WhatABuildUsedIsKept) {
  EXPECT_EQ(now().usage, model::BuildUsage{});
  const model::BuildUsage usage{
      .memory_peak = 1LL << 33U, .cpu_ms = 4'100, .written = {}, .processes_peak = 7};
  ASSERT_TRUE(t.queue.finish(build, lease, BuildOutcome::success, usage));
  EXPECT_EQ(now().usage, usage);
}

TEST_P(Lease, FinishIsIdempotent) {
  t.clock.advance(10);
  ASSERT_TRUE(t.queue.finish(build, lease, BuildOutcome::success));
  const TimeMs stopped = t.clock.now();
  t.clock.advance(10);
  EXPECT_TRUE(t.queue.finish(build, lease, BuildOutcome::success));
  EXPECT_EQ(t.queue.finish(build, lease, BuildOutcome::fail).error().code, Errc::lease_lost);
  EXPECT_EQ(now().status, BuildStatus::stopped);
  EXPECT_EQ(now().outcome, BuildOutcome::success);
  EXPECT_EQ(now().stopped_on, stopped);
  EXPECT_EQ(t.queue.renew(build, lease, 1).error().code, Errc::lease_lost);
  EXPECT_EQ(t.queue.enter_step(build, lease, Step::build).error().code, Errc::lease_lost);
  t.clock.advance(request.lease_ms);
  EXPECT_TRUE(t.queue.recover(std::nullopt, 3)->requeued.empty());
}

TEST_P(Lease, LogChunksAreTakenOnceAndInOrder) {
  ASSERT_TRUE(t.queue.append_log(build, lease, 1, {model::pack({{1, "one"}, {2, "two"}})}));
  ASSERT_TRUE(t.queue.append_log(build, lease, 1, {model::pack({{1, "one"}, {2, "two"}})}));
  EXPECT_EQ(t.queue.append_log(build, lease, 3, {model::pack({{3, "four"}})}).error().code, Errc::conflict);
  EXPECT_EQ(t.queue.append_log(build, lease, 0, {model::pack({{3, "zero"}})}).error().code, Errc::conflict);
  ASSERT_TRUE(t.queue.append_log(build, lease, 2, {model::pack({})}));
  ASSERT_TRUE(t.queue.append_log(build, lease, 3, {model::pack({{3, "three"}})}));
  EXPECT_EQ(log(), (std::vector<std::string>{"one", "two", "three"}));
}

TEST_P(Lease, TheLastLinesMayComeAfterItsOwnEnd) {
  ASSERT_TRUE(t.queue.finish(build, lease, BuildOutcome::fail));
  ASSERT_TRUE(t.queue.append_log(build, lease, 1, {model::pack({{1, "late"}})}));
  EXPECT_EQ(log(), std::vector<std::string>{"late"});
}

TEST_P(Lease, NothingComesAfterACancel) {
  ASSERT_TRUE(t.queue.append_log(build, lease, 1, {model::pack({{1, "first"}})}));
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build, "Build was cancelled by Ada."));
  EXPECT_EQ(t.queue.append_log(build, lease, 2, {model::pack({{1, "late"}})}).error().code, Errc::lease_lost);
  EXPECT_EQ(t.queue.finish(build, lease, BuildOutcome::success).error().code, Errc::lease_lost);
  EXPECT_EQ(t.queue.finish(build, lease, BuildOutcome::cancelled).error().code, Errc::lease_lost);
  EXPECT_EQ(log(), (std::vector<std::string>{"first", "Build was cancelled by Ada."}));
}

TEST_P(Lease, TheNextAttemptShutsTheLastOneOut) {
  ASSERT_TRUE(t.queue.append_log(build, lease, 1, {model::pack({{1, "first attempt"}})}));
  ASSERT_TRUE(t.queue.recover("runner-1", 3));
  EXPECT_EQ(t.queue.append_log(build, lease, 2, {model::pack({{1, "late"}})}).error().code, Errc::lease_lost);
  const ClaimRequest second = t.make_claim("runner-2");
  t.claim_next(second);
  EXPECT_EQ(t.queue.append_log(build, lease, 1, {model::pack({{1, "first attempt"}})}).error().code,
            Errc::lease_lost);
  EXPECT_EQ(t.queue.finish(build, lease, BuildOutcome::success).error().code, Errc::lease_lost);
  ASSERT_TRUE(t.queue.append_log(build, second.lease_id, 1, {model::pack({{1, "second attempt"}})}));
  EXPECT_EQ(log(), (std::vector<std::string>{
                       "first attempt",
                       "The runner of this build was lost; the build starts again (attempt 2 of 3).",
                       "second attempt"}));
}

KILN_CONTRACT(Lease);

}  // namespace
}  // namespace kiln::store::contract
