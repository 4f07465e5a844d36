#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Schedules : public Contract {
 protected:
  void set(const std::vector<NextRun>& schedules) {
    shop_.schedules_json = "[]";
    ASSERT_TRUE(t.workers.set_schedules(shop_, schedules));
  }
  // "cron@due/attempts …" of what is due.
  std::string due(int limit = 10) {
    std::string out;
    const DueSchedules found = t.schedules.due(limit, 1).value();
    for (const Schedule& one : found.now)
      out += one.cron + '@' + std::to_string(one.due_on - t0_) + '/' + std::to_string(one.attempts) + ' ';
    return out;
  }

  TimeMs next_in(TimeMs longest) { return t.schedules.due(10, longest).value().next_in_ms; }

  const TimeMs t0_ = t.clock.now();
  model::Account account_ = t.add_account("acme");
  model::Worker shop_ = t.add_worker(account_.id, "shop");
};

TEST_P(Schedules, AreDueAtTheirTimesByTheStoresClock) {
  set({{"a", t0_ + 100}, {"b", t0_ + 50}, {"c", t0_ + 5000}});
  EXPECT_EQ(due(), "");
  EXPECT_EQ(next_in(1000), 50);
  EXPECT_EQ(next_in(20), 20);
  t.clock.advance(100);
  EXPECT_EQ(due(), "b@50/0 a@100/0 ");
  EXPECT_EQ(due(1), "b@50/0 ");
  EXPECT_EQ(next_in(10'000), 4900) << "of those that are not due";
  const Schedule first = t.schedules.due(1, 1).value().now.at(0);
  EXPECT_EQ(first.account_id + first.worker_name + first.worker_tag, account_.id + "shop" + shop_.tag);
}

TEST_P(Schedules, GoOnToTheirNextRun) {
  set({{"a", t0_}});
  ASSERT_TRUE(t.schedules.retry_run(shop_.tag, "a", t0_, 30));
  EXPECT_EQ(due(), "");
  EXPECT_EQ(next_in(1000), 30);
  t.clock.advance(30);
  EXPECT_EQ(due(), "a@0/1 ") << "still for the time that it was due at";
  ASSERT_TRUE(t.schedules.retry_run(shop_.tag, "a", t0_ + 7, 900));
  ASSERT_TRUE(t.schedules.end_run(shop_.tag, "a", {t0_ + 7, t0_ + 900, "ok"}));
  EXPECT_EQ(due(), "a@0/1 ") << "that was another run";
  ASSERT_TRUE(t.schedules.end_run(shop_.tag, "a", {t0_, t0_ + 60, "ok"}));
  EXPECT_EQ(due(), "");
  t.clock.advance(30);
  EXPECT_EQ(due(), "a@60/0 ");
}

TEST_P(Schedules, KeepTheirNextRunWhenTheyAreSetAgain) {
  set({{"a", t0_}, {"b", t0_}});
  set({{"a", t0_ + 77}, {"c", t0_}});
  EXPECT_EQ(due(), "a@0/0 c@0/0 ");
  ASSERT_TRUE(t.schedules.drop(shop_.tag, "a"));
  EXPECT_EQ(due(), "c@0/0 ");
  ASSERT_TRUE(t.workers.delete_worker(account_.id, "shop", t.clock.now()));
  EXPECT_EQ(due(), "");
  EXPECT_EQ(t.workers.set_schedules(shop_, {}).error().code, Errc::worker_not_found);
}

KILN_CONTRACT(Schedules);

}  // namespace
}  // namespace kiln::store::contract
