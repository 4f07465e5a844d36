// Build minutes from the claim to the end of a build, over a real database.
#include <gmock/gmock.h>

#include "base/time_format.h"
#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

using ::testing::HasSubstr;
constexpr TimeMs kMinute = 60'000;

struct Minutes : Contract {
  model::Trigger trigger = t.add_trigger();
  std::string account = trigger.account_id;

  void limit(std::optional<std::int64_t> minutes) {
    ASSERT_TRUE(t.accounts.set_build_minutes(account, minutes));
  }
  model::BuildMinutes now() { return *t.queue.build_minutes(account); }
  // A build that a runner holds for so long.
  void run_build(TimeMs held, const std::string& branch = "main") {
    t.add_build(trigger, branch);
    const ClaimRequest request = t.make_claim();
    const Uuid build = t.claim_next(request).build.uuid;
    t.clock.advance(held);
    ASSERT_TRUE(t.queue.finish(build, request.lease_id, model::BuildOutcome::success));
  }
};

TEST_P(Minutes, AreThoseThatRunnersHeldBuildsAndNotThoseThatBuildsWaited) {
  EXPECT_EQ(now().used_ms, 0);
  run_build(3 * kMinute);
  t.add_build(trigger);
  t.clock.advance(kMinute);
  EXPECT_EQ(now().used_ms, 3 * kMinute);
  EXPECT_EQ(now().quota, std::nullopt);
  EXPECT_FALSE(now().is_reached());
}

TEST_P(Minutes, CountABuildThatIsRunningNow) {
  t.add_build(trigger);
  t.claim_next(t.make_claim());
  t.clock.advance(2 * kMinute);
  EXPECT_EQ(now().used_ms, 2 * kMinute);
}

TEST_P(Minutes, CountCancelledAndTerminatedBuildsOnce) {
  const model::Build cancelled = t.add_build(trigger, "a");
  t.claim_next(t.make_claim());
  t.clock.advance(kMinute);
  ASSERT_TRUE(t.queue.cancel(account, cancelled.uuid, "stop"));
  ASSERT_FALSE(t.queue.cancel(account, cancelled.uuid, "stop"));
  t.add_build(trigger, "b");
  t.claim_next(t.make_claim());
  t.clock.advance(kMinute);
  ASSERT_EQ(t.queue.recover(std::nullopt, 1)->terminated.size(), 1U);
  EXPECT_EQ(now().used_ms, 2 * kMinute);
}

TEST_P(Minutes, BeginAnewWithTheMonth) {
  run_build(kMinute);
  t.clock.advance(now().month.end - t.clock.now());
  EXPECT_EQ(now().used_ms, 0);
  run_build(kMinute);
  EXPECT_EQ(now().used_ms, kMinute);
}

TEST_P(Minutes, OnceUsedUpLetQueuedBuildsEndAsSkippedWithTheReasonInTheirLog) {
  limit(1);
  run_build(kMinute);
  const model::Build first = t.add_build(trigger, "a");
  const model::Build second = t.add_build(trigger, "b");
  const Result<ClaimResult> result = t.queue.claim(t.make_claim());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_FALSE(result->claimed);
  EXPECT_EQ(result->stopped, (std::vector<Uuid>{first.uuid, second.uuid}));
  for (const model::Build& build : {first, second}) {
    EXPECT_EQ(t.builds.build(account, build.uuid)->build.outcome, model::BuildOutcome::skipped);
    const Result<LogPage> log = t.builds.log(build.uuid, "", 10'000);
    ASSERT_EQ(log->lines.size(), 1U);
    EXPECT_THAT(log->lines[0].text, HasSubstr("Skipped: the account has used 1 of its 1 build minutes"));
  }
}

TEST_P(Minutes, OfOneAccountHoldUpNoOther) {
  limit(0);
  t.add_build(trigger);
  const model::Trigger other = t.add_trigger(t.add_worker(t.add_account("else").id));
  const model::Build theirs = t.add_build(other);
  const Result<ClaimResult> result = t.queue.claim(t.make_claim());
  ASSERT_TRUE(result && result->claimed);
  EXPECT_EQ(result->claimed->build.uuid, theirs.uuid);
  EXPECT_EQ(result->stopped.size(), 1U);
}

TEST_P(Minutes, DoNotEndABuildThatHasBegun) {
  limit(5);
  const model::Build lost = t.add_build(trigger);
  t.claim_next(t.make_claim());
  t.clock.advance(10 * kMinute);
  ASSERT_EQ(t.queue.recover(std::nullopt, 3)->requeued, std::vector<Uuid>{lost.uuid});
  limit(0);
  EXPECT_EQ(t.claim_next(t.make_claim()).build.uuid, lost.uuid);
}

TEST_P(Minutes, AreSetForOneAccountAndTakenBack) {
  limit(3000);
  EXPECT_EQ(t.accounts.account(account)->build_minutes, 3000);
  EXPECT_EQ(now().quota, 3000);
  limit(std::nullopt);
  EXPECT_EQ(t.accounts.accounts()->at(0).build_minutes, std::nullopt);
  EXPECT_EQ(t.accounts.set_build_minutes("none", 1).error().code, Errc::not_found);
}

KILN_CONTRACT(Minutes);

}  // namespace
}  // namespace kiln::store::contract
