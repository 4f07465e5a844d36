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
  ASSERT_TRUE(t.badges.put_badge(badge));
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
  model::Badge badge = badge_of(t, worker);
  ASSERT_TRUE(t.badges.put_badge(badge));
  badge.branch = "";
  ASSERT_TRUE(t.badges.put_badge(badge)) << "the same address, another branch";
  EXPECT_EQ(t.badges.badge_at(badge.uuid)->branch, "");
  const model::Badge next = badge_of(t, worker);
  ASSERT_TRUE(t.badges.put_badge(next));
  EXPECT_EQ(t.badges.badge_at(badge.uuid).error().code, Errc::not_found);
  EXPECT_EQ((*t.badges.badge(account.id, worker.tag))->uuid, next.uuid);
}

TEST_P(BadgeStore, GoesWhenItIsDeletedAndWithItsWorker) {
  const model::Account account = t.add_account();
  const model::Worker worker = t.add_worker(account.id);
  const model::Badge badge = badge_of(t, worker);
  ASSERT_TRUE(t.badges.put_badge(badge));
  EXPECT_EQ(t.badges.delete_badge(t.add_account("other").id, worker.tag).error().code, Errc::not_found);
  ASSERT_TRUE(t.badges.delete_badge(account.id, worker.tag));
  EXPECT_EQ(t.badges.delete_badge(account.id, worker.tag).error().code, Errc::not_found);
  ASSERT_TRUE(t.badges.put_badge(badge));
  ASSERT_TRUE(t.workers.delete_worker(account.id, worker.name, t.clock.now()));
  EXPECT_EQ(t.badges.badge_at(badge.uuid).error().code, Errc::not_found);
  EXPECT_EQ(t.badges.put_badge(badge).error().code, Errc::worker_not_found);
}

KILN_CONTRACT(BadgeStore);

}  // namespace
}  // namespace kiln::store::contract
