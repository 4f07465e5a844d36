// Reports from a store to a host and back, with the host failing in every way at every step, and this process
// killed between any two.
#include "events/reports/teller.h"

#include <gtest/gtest.h>

#include "events/reports/teller_for_test.h"

namespace kiln::events {
namespace {

TEST_F(TellerTest, WhatMovedIsToldAndThenNothingIsDue) {
  const model::Build build = t.add_build(trigger);
  Running process(*this);
  tell_until_done(process);
  ASSERT_EQ(github.statuses.size(), 1U);
  EXPECT_EQ(github.statuses.front().at("state"), "pending");
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  tell_until_done(process);
  EXPECT_EQ(github.statuses.back().at("state"), "error");
  EXPECT_TRUE(t.reports.hosts()->empty());
}

TEST_F(TellerTest, MovesThatComeTogetherAreToldOnce) {
  const model::Build build = t.add_build(trigger);
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  Running process(*this);
  tell_until_done(process);
  ASSERT_EQ(github.statuses.size(), 1U);
  EXPECT_EQ(github.statuses.front().at("state"), "error");
}

TEST_F(TellerTest, AConnectionWhoseHostIsNotSetUpTellsNobody) {
  const std::vector<model::ForgeRecord> all = *t.forges.forges(trigger.account_id);
  for (const model::ForgeRecord& forge : all)
    ASSERT_TRUE(t.forges.delete_forge(trigger.account_id, forge.uuid));
  t.add_build(trigger);
  Running process(*this);
  tell_until_done(process);
  EXPECT_TRUE(github.calls.empty());
  EXPECT_TRUE(t.outbox.waiting(10)->empty());
}

TEST_F(TellerTest, WhatIsRefusedForGoodHoldsUpNothingElse) {
  t.add_build(trigger);
  t.clock.advance(1);
  t.add_build(trigger);
  Running process(*this);
  ASSERT_TRUE(process.pump.hand_on());
  github.faults = {{422, false, {}}};
  EXPECT_EQ(process.teller.tell_next(host)->rest_ms, 0);
  EXPECT_TRUE(process.teller.tell_next(host)->any);
  EXPECT_EQ(github.statuses.size(), 1U);
  const auto failing = t.reports.failing(trigger.account_id);
  ASSERT_EQ(failing->size(), 1U);
  EXPECT_FALSE(failing->front().due_on);
  EXPECT_NE(failing->front().error.find("422"), std::string::npos);
}

TEST_F(TellerTest, TheCommentOfAPullRequestIsOneWhateverMoves) {
  const model::Build build = t.add_build(trigger, "feature");
  ASSERT_TRUE(t.pull_requests.note({trigger.connection.uuid, 7, "https://git.example/7", "feature",
                                    build.metadata.commit_hash, true, 5, 6}));
  Running process(*this);
  tell_until_done(process);
  ASSERT_EQ(github.comments.size(), 1U);
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  tell_until_done(process);
  ASSERT_EQ(github.comments.size(), 1U);
  const std::string body(github.comments.begin()->second.at("body").as_string());
  EXPECT_NE(body.find("🚫 Build cancelled"), std::string::npos) << body;
}

// Every call of a run from the queue to the end fails once, in each way; the process may die after it.
struct Way {
  const char* name;
  scm::FakeGithub::Fault fault;
  bool dies;
};

class EveryStep : public TellerTest, public ::testing::WithParamInterface<Way> {};

TEST_P(EveryStep, NothingIsLostAndNothingIsMadeTwice) {
  // A comment is the thing that a second call would double: statuses take each other's place.
  for (std::size_t step = 0; step < 4; ++step) {
    SCOPED_TRACE(step);
    github.comments.clear();
    const std::string branch = "feature-" + std::to_string(step);
    const std::int64_t number = 10 + static_cast<std::int64_t>(step);
    const model::Build build = t.add_build(trigger, branch);
    const std::string url = "https://git.example/" + std::to_string(number);
    ASSERT_TRUE(t.pull_requests.note(
        {trigger.connection.uuid, number, url, branch, build.metadata.commit_hash, true, 5, 6}));
    auto process = std::make_unique<Running>(*this);
    std::size_t calls = 0;
    for (int i = 0; i < 60; ++i) {
      ASSERT_TRUE(process->pump.hand_on());
      if (calls == step) github.faults = {GetParam().fault};
      const std::size_t before = github.calls.size();
      const auto told = process->teller.tell_next(host);
      ASSERT_TRUE(told);
      const bool struck = calls == step && github.calls.size() > before;
      calls += github.calls.size() > before ? 1 : 0;
      github.faults.clear();
      if (struck && GetParam().dies) process = std::make_unique<Running>(*this);
      if (!told->any && t.reports.hosts()->empty()) break;
      if (!told->any) t.clock.advance(10 * 60'000);
    }
    if (step == 1) {
      ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
      tell_until_done(*process);
    }
    EXPECT_EQ(github.comments.size(), 1U);
    EXPECT_TRUE(t.reports.hosts()->empty());
    EXPECT_TRUE(t.reports.failing(trigger.account_id)->empty());
  }
}

std::string way_name(const ::testing::TestParamInfo<Way>& way) {
  std::string name = way.param.name;
  for (char& c : name) c = c == ' ' ? '_' : c;
  return name;
}

INSTANTIATE_TEST_SUITE_P(Faults, EveryStep,
                         ::testing::Values(Way{"breaks before", {0, false, {}}, false},
                                           Way{"breaks after", {0, true, {}}, false},
                                           Way{"answers 502 after", {502, true, {}}, false},
                                           Way{"dies before", {0, false, {}}, true},
                                           Way{"dies after", {0, true, {}}, true},
                                           Way{"limits", {429, false, {{"retry-after", "1"}}}, false}),
                         way_name);

}  // namespace
}  // namespace kiln::events
