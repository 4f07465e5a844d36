// What a host refused for good, over a real store; nobody is called.
#include "forges/again.h"

#include <gtest/gtest.h>

#include "testing/memory_store.h"

namespace kiln::forges {
namespace {

struct AgainTest : ::testing::Test {
  testing::TestStore t;
  model::Trigger trigger = t.add_trigger();
  Directory directory{t.connections, t.forges, t.clock,
                      [](const std::string&) { return std::unique_ptr<HttpClient>(); }};

  // As an App with that number.
  void set_up(const std::string& account_id, const std::string& app_id) {
    const model::ForgeRecord record{t.entropy.uuid(),
                                    account_id,
                                    "github",
                                    "https://github.com",
                                    "https://api.example",
                                    app_id,
                                    "kiln",
                                    "",
                                    "",
                                    5};
    ASSERT_TRUE(t.forges.keep_forge(record, {"PEM", "", ""}));
  }

  std::string lane(const model::Trigger& of) {
    return directory.host_of(of.account_id, of.connection.uuid)->value_or("");
  }

  // A report of a new build that is given up.
  void give_up(const model::Trigger& of) {
    t.add_build(of);
    const auto rows = t.outbox.waiting(10);
    const store::OutboxRow& row = rows->back();
    ASSERT_TRUE(
        t.outbox.hand_on(row.number, {{row.number, row.connection, lane(of), row.build, true, {}}}, {}));
    const auto due = t.reports.next(lane(of));
    ASSERT_TRUE(due && *due);
    ASSERT_TRUE(t.reports.give_up((*due)->number, (*due)->wanted, "it said no"));
  }

  bool is_due(const model::Trigger& of) { return t.reports.next(lane(of))->has_value(); }

  Status hear(model::InstallationNews::What what, const std::string& app_id) {
    model::InstallationNews news;
    news.what = what;
    news.provider = "github";
    news.app_id = app_id;
    return tell_again(directory, t.forges, t.reports, news);
  }
};

TEST_F(AgainTest, WhatWasGivenUpIsDueAndHasAllItsTries) {
  set_up(trigger.account_id, "12");
  give_up(trigger);
  ASSERT_FALSE(is_due(trigger));
  EXPECT_EQ(*tell_again(directory, t.reports, trigger.account_id, ""), 1);
  ASSERT_TRUE(is_due(trigger));
  EXPECT_EQ((*t.reports.next(lane(trigger)))->attempts, 0);
  EXPECT_EQ((*t.reports.next(lane(trigger)))->refusals, 0);
  EXPECT_EQ(*tell_again(directory, t.reports, trigger.account_id, ""), 0);
}

TEST_F(AgainTest, ItGoesWhereReportsOfTheConnectionGoNow) {
  set_up(trigger.account_id, "12");
  give_up(trigger);
  const std::string before = lane(trigger);
  const auto first = t.forges.forges(trigger.account_id);
  ASSERT_TRUE(t.forges.delete_forge(trigger.account_id, first->front().uuid));
  EXPECT_EQ(*tell_again(directory, t.reports, trigger.account_id, ""), 0) << "nobody is told of it";
  set_up(trigger.account_id, "13");
  ASSERT_NE(lane(trigger), before);
  EXPECT_EQ(*tell_again(directory, t.reports, trigger.account_id, "https://elsewhere.example"), 0);
  EXPECT_EQ(*tell_again(directory, t.reports, trigger.account_id, "https://api.example"), 1);
  EXPECT_TRUE(is_due(trigger));
}

TEST_F(AgainTest, AHostThatLimitsIsLeftAloneStill) {
  set_up(trigger.account_id, "12");
  give_up(trigger);
  t.add_build(trigger);
  const auto rows = t.outbox.waiting(10);
  const store::OutboxRow& row = rows->back();
  ASSERT_TRUE(
      t.outbox.hand_on(row.number, {{row.number, row.connection, lane(trigger), row.build, true, {}}}, {}));
  ASSERT_TRUE(t.reports.limited((*t.reports.next(lane(trigger)))->number, 60'000, "too often"));
  EXPECT_EQ(*tell_again(directory, t.reports, trigger.account_id, ""), 1);
  EXPECT_FALSE(is_due(trigger));
  t.clock.advance(60'000);
  EXPECT_TRUE(is_due(trigger));
}

TEST_F(AgainTest, NewsOfAnInstallationTellWhatTheAppMayTellNow) {
  using What = model::InstallationNews::What;
  const model::Trigger other = t.add_trigger(t.add_worker(t.add_account("other").id));
  set_up(trigger.account_id, "12");
  set_up(other.account_id, "13");
  for (const What what : {What::created, What::unsuspended, What::permissions, What::repositories}) {
    give_up(trigger);
    give_up(other);
    ASSERT_TRUE(hear(What::suspended, "12"));
    ASSERT_TRUE(hear(What::deleted, "12"));
    EXPECT_FALSE(is_due(trigger));
    ASSERT_TRUE(hear(what, "12"));
    EXPECT_TRUE(is_due(trigger));
    EXPECT_FALSE(is_due(other)) << "another App's";
    while (is_due(trigger)) {
      const auto due = t.reports.next(lane(trigger));
      ASSERT_TRUE(t.reports.told((*due)->number, (*due)->wanted));
    }
  }
}

}  // namespace
}  // namespace kiln::forges
