// Badges: who sees which, and how they go.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

model::Badge badge_of(testing::StoreGround& t, const model::Worker& worker) {
  return {t.entropy.uuid(), worker.account_id, worker.tag, "main", t.clock.now()};
}

class BadgeStore : public Contract {};

TEST_P(BadgeStore, ShowsWhatWasStoredToItsAccountAndToWhoeverKnowsTheAddress) {
  const model::Account account = t.add_account();
  const model::Worker worker = t.add_worker(account.id);
  EXPECT_EQ(t.badges.badge(account.id, worker.tag)->has_value(), false);
  const model::Badge badge = badge_of(t, worker);
  ASSERT_TRUE(t.badges.put_badge({badge, {}, true}));
  const Result<std::optional<model::Badge>> shown = t.badges.badge(account.id, worker.tag);
  ASSERT_TRUE(shown && *shown);
  EXPECT_EQ((*shown)->uuid, badge.uuid);
  EXPECT_EQ((*shown)->branch, "main");
  EXPECT_EQ((*shown)->created_on, badge.created_on);
  EXPECT_EQ(t.badges.badge_at(badge.uuid)->worker_tag, worker.tag);
  EXPECT_EQ(t.badges.badge(t.add_account("other").id, worker.tag)->has_value(), false);
  EXPECT_EQ(t.badges.badge_at(t.entropy.uuid()).error().code, Errc::not_found);
}

TEST_P(BadgeStore, AReplacedAddressAnswersNoMore) {
  const model::Account account = t.add_account();
  const model::Worker worker = t.add_worker(account.id);
  const model::Badge badge = badge_of(t, worker);
  ASSERT_TRUE(t.badges.put_badge({badge, {}, true}));
  const model::Badge next = badge_of(t, worker);
  EXPECT_EQ(t.badges.put_badge({next, "", false})->uuid, badge.uuid) << "the same address, another branch";
  EXPECT_EQ(t.badges.badge_at(badge.uuid)->branch, "");
  ASSERT_EQ(t.badges.put_badge({next, {}, true})->uuid, next.uuid);
  EXPECT_EQ(t.badges.badge_at(next.uuid)->branch, "") << "the branch stays";
  EXPECT_EQ(t.badges.badge_at(badge.uuid).error().code, Errc::not_found);
  EXPECT_EQ((*t.badges.badge(account.id, worker.tag))->uuid, next.uuid);
}

TEST_P(BadgeStore, GoesWhenItIsDeletedAndWithItsWorker) {
  const model::Account account = t.add_account();
  const model::Worker worker = t.add_worker(account.id);
  const model::Badge badge = badge_of(t, worker);
  ASSERT_TRUE(t.badges.put_badge({badge, {}, true}));
  EXPECT_EQ(t.badges.delete_badge(t.add_account("other").id, worker.tag).error().code, Errc::not_found);
  ASSERT_TRUE(t.badges.delete_badge(account.id, worker.tag));
  EXPECT_EQ(t.badges.delete_badge(account.id, worker.tag).error().code, Errc::not_found);
  ASSERT_TRUE(t.badges.put_badge({badge, {}, true}));
  ASSERT_TRUE(t.workers.delete_worker(account.id, worker.name, t.clock.now()));
  EXPECT_EQ(t.badges.badge_at(badge.uuid).error().code, Errc::not_found);
  EXPECT_EQ(t.badges.put_badge({badge, {}, true}).error().code, Errc::worker_not_found);
}

TEST_P(BadgeStore, SaysHowTheNewestBuildEndedThatSaysSomethingOfItsBranch) {
  const model::Trigger trigger = t.add_trigger();
  model::Badge badge{t.entropy.uuid(), trigger.account_id, trigger.worker_tag, "main", t.clock.now()};
  const auto outcome = [&] { return *t.badges.latest_outcome(badge); };
  const auto built = [&](const std::string& branch, model::BuildOutcome how) {
    const Uuid build = t.add_build(trigger, branch).uuid;
    const ClaimRequest request = t.make_claim();
    t.claim_next(request);
    ASSERT_TRUE(t.queue.finish(build, request.lease_id, how));
  };
  EXPECT_FALSE(outcome()) << "there is no build";
  built("main", model::BuildOutcome::success);
  built("other", model::BuildOutcome::fail);
  for (const bool restricted : {true, false}) {  // a fork's, and one of a pull request
    Intake intake;
    intake.builds.push_back(t.make_build(trigger, "main"));
    model::Build& build = intake.builds[0].build;
    build.restricted = restricted;
    if (!restricted) build.pull_request = model::PullRequest{1, "https://git.example/7"};
    const ClaimRequest request = t.make_claim();
    ASSERT_TRUE(t.queue.enqueue(intake));
    t.claim_next(request);
    ASSERT_TRUE(t.queue.finish(build.uuid, request.lease_id, model::BuildOutcome::fail));
  }
  Intake skips;
  skips.builds.push_back(t.make_build(trigger, "main"));
  skips.builds[0].build.status = model::BuildStatus::stopped;
  skips.builds[0].build.outcome = model::BuildOutcome::skipped;
  skips.builds[0].build.stopped_on = skips.builds[0].build.created_on;
  ASSERT_TRUE(t.queue.enqueue(skips));
  const Uuid cancelled = t.add_build(trigger, "main").uuid;
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, cancelled, "Cancelled."));
  EXPECT_EQ(outcome(), model::BuildOutcome::success);
  badge.branch = "";
  EXPECT_EQ(outcome(), model::BuildOutcome::fail) << "of every branch";
  badge.branch = "main";
  built("main", model::BuildOutcome::terminated);
  t.add_build(trigger, "main");
  EXPECT_EQ(outcome(), model::BuildOutcome::terminated) << "one that is not over says nothing yet";
}

KILN_CONTRACT(BadgeStore);

}  // namespace
}  // namespace kiln::store::contract
