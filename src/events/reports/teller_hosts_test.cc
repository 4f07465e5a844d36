// Hosts that are down, limit or refuse, over a virtual clock.
#include "events/reports/teller_for_test.h"

namespace kiln::events {
namespace {

TEST_F(TellerTest, AHostThatIsDownForAnHourIsToldOnceAndInTheEnd) {
  const model::Build build = t.add_build(trigger);
  Running process(*this);
  ASSERT_TRUE(process.pump.hand_on());
  const TimeMs begin = t.clock.now();
  int tries = 0;
  while (t.clock.now() - begin < 60 * 60'000) {
    github.faults = {{0, false, {}}};
    const auto told = process.teller.tell_next(host);
    ASSERT_TRUE(told);
    if (told->any) {
      ++tries;
      EXPECT_GT(told->rest_ms, 0) << "the host is left alone";
    }
    t.clock.advance(told->any ? told->rest_ms : 1'000);
  }
  EXPECT_LT(tries, 25) << "it is not hammered";
  github.faults.clear();
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  tell_until_done(process);
  ASSERT_EQ(github.statuses.size(), 1U) << "the state of then, and none of those before";
  EXPECT_EQ(github.statuses.front().at("state"), "error");
}

// Down for ten minutes, which is more tries than a refusal gets; then it is up, and refuses at first.
TEST_F(TellerTest, AHostThatComesBackWithARefusalIsToldInTheEnd) {
  for (const int status : {404, 409, 401}) {
    SCOPED_TRACE(status);
    const std::size_t told_before = github.statuses.size();
    t.add_build(trigger);
    Running process(*this);
    ASSERT_TRUE(process.pump.hand_on());
    const TimeMs begin = t.clock.now();
    while (t.clock.now() - begin < 10 * 60'000) {
      github.faults = {{0, false, {}}};
      const auto told = process.teller.tell_next(host);
      ASSERT_TRUE(told);
      t.clock.advance(told->any ? told->rest_ms : 1'000);
    }
    github.faults.clear();
    for (int refusal = 0; refusal < 4;) {
      // Twice: what it does not know us by is asked for again at once.
      github.faults = {{status, false, {}}, {status, false, {}}};
      refusal += process.teller.tell_next(host)->any ? 1 : 0;
      github.faults.clear();
      t.clock.advance(1'000);
    }
    EXPECT_TRUE(t.reports.failing(trigger.account_id)->front().due_on) << "it is not given up";
    tell_until_done(process);
    EXPECT_EQ(github.statuses.size(), told_before + 1);
  }
}

TEST_F(TellerTest, WhatWasGivenUpAndMovesAgainGetsAllItsTriesAgain) {
  const model::Build build = t.add_build(trigger);
  Running process(*this);
  const auto refuse = [&](int times) {
    for (int refusal = 0; refusal < times;) {
      ASSERT_TRUE(process.pump.hand_on());
      github.faults = {{404, false, {}}};
      refusal += process.teller.tell_next(host)->any ? 1 : 0;
      github.faults.clear();
      t.clock.advance(1'000);
    }
  };
  refuse(5);
  EXPECT_FALSE(t.reports.failing(trigger.account_id)->front().due_on);
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  refuse(4);
  tell_until_done(process);
  ASSERT_EQ(github.statuses.size(), 1U);
  EXPECT_EQ(github.statuses.front().at("state"), "error");
}

TEST_F(TellerTest, AHostThatLimitsIsLeftAloneForAsLongAsItSays) {
  t.add_build(trigger);
  Running process(*this);
  ASSERT_TRUE(process.pump.hand_on());
  github.faults = {{403, false, {{"retry-after", "90"}}}};
  EXPECT_EQ(process.teller.tell_next(host)->rest_ms, 90'000);
  EXPECT_FALSE(process.teller.tell_next(host)->any);
  t.clock.advance(90'000);
  EXPECT_TRUE(process.teller.tell_next(host)->any);
  EXPECT_EQ(github.statuses.size(), 1U);
}

TEST_F(TellerTest, WhatALimitSaysHoldsForAllThatWaitsAndComesThereAndAfterARestart) {
  for (int i = 0; i < 3; ++i) {
    t.add_build(trigger);
    t.clock.advance(1);
  }
  auto process = std::make_unique<Running>(*this);
  ASSERT_TRUE(process->pump.hand_on());
  github.faults = {{429, false, {{"retry-after", "3600"}}}};
  const std::size_t before = github.calls.size();
  EXPECT_EQ(process->teller.tell_next(host)->rest_ms, 3'600'000);
  process = std::make_unique<Running>(*this);
  t.add_build(trigger);
  ASSERT_TRUE(process->pump.hand_on());
  for (int minutes = 0; minutes < 60; minutes += 5) {
    EXPECT_FALSE(process->teller.tell_next(host)->any) << minutes;
    t.clock.advance(5 * 60'000 - 1);
  }
  EXPECT_EQ(github.calls.size(), before + 1) << "one call in that hour";
  tell_until_done(*process);
  EXPECT_EQ(github.statuses.size(), 4U);
}

TEST_F(TellerTest, TheLimitOfOneCallerRestsNoOther) {
  const model::Trigger other = t.add_trigger(t.add_worker(t.add_account("other").id));
  const model::ForgeRecord record{t.entropy.uuid(),
                                  other.account_id,
                                  "github",
                                  "https://github.com",
                                  "https://api.example",
                                  "",
                                  "",
                                  "",
                                  "",
                                  5};
  ASSERT_TRUE(t.forges.keep_forge(record, {"", "", "t1"}));
  t.add_build(trigger);
  t.add_build(other);
  Running process(*this);
  ASSERT_TRUE(process.pump.hand_on());
  github.faults = {{429, false, {{"retry-after", "3600"}}}};
  EXPECT_TRUE(process.teller.tell_next(host)->any);
  const std::string others = **process.directory.host_of(other.account_id, other.connection.uuid);
  EXPECT_TRUE(process.teller.tell_next(others)->any);
  EXPECT_EQ(github.statuses.size(), 1U);
  EXPECT_FALSE(process.teller.tell_next(host)->any);
  EXPECT_EQ(forges::api_url_of_lane(others), "https://api.example");
  ASSERT_TRUE(t.connections.set_token(other.connection.uuid, "its own"));
  EXPECT_NE(**process.directory.host_of(other.account_id, other.connection.uuid), others);
}

TEST_F(TellerTest, AHostThatLimitsAndDoesNotSayForHowLongIsAskedLessAndLess) {
  t.add_build(trigger);
  Running process(*this);
  ASSERT_TRUE(process.pump.hand_on());
  for (const TimeMs wait : {60'000, 120'000, 240'000}) {
    github.faults = {{429, false, {}}};
    EXPECT_EQ(process.teller.tell_next(host)->rest_ms, wait);
    t.clock.advance(wait);
  }
  tell_until_done(process);
  t.add_build(trigger);
  ASSERT_TRUE(process.pump.hand_on());
  github.faults = {{429, false, {}}};
  EXPECT_EQ(process.teller.tell_next(host)->rest_ms, 60'000) << "it had taken something";
}

// docs/forges.md: a 403 that names no limit is a right that is missing.
TEST_F(TellerTest, LimitsAreWaitedForAndABareRefusalIsNot) {
  t.add_build(trigger);
  Running process(*this);
  ASSERT_TRUE(process.pump.hand_on());
  github.faults = {{403, false, {{"retry-after", "1"}}},
                   {429,
                    false,
                    {{"x-ratelimit-remaining", "0"},
                     {"x-ratelimit-reset", "1767323065"},
                     {"date", "Fri, 02 Jan 2026 03:04:05 GMT"}}},
                   {403, false, {}}};
  EXPECT_EQ(process.teller.tell_next(host)->rest_ms, 1'000);
  t.clock.advance(1'000);
  EXPECT_EQ(process.teller.tell_next(host)->rest_ms, 20'000);
  t.clock.advance(20'000);
  EXPECT_TRUE(process.teller.tell_next(host)->any);
  EXPECT_FALSE(t.reports.failing(trigger.account_id)->front().due_on);
  EXPECT_TRUE(t.reports.hosts()->empty());
}

}  // namespace
}  // namespace kiln::events
