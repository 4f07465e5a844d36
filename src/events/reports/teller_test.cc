// Reports from a store to a host and back, with the host failing in every way at every step, and this process
// killed between any two.
#include "events/reports/teller.h"

#include <gtest/gtest.h>

#include <functional>

#include "events/reports/back_off.h"
#include "events/reports/pump.h"
#include "scm/forge/github_for_test.h"
#include "testing/memory_store.h"

namespace kiln::events {
namespace {

// What the store says of a build, without words that only readers need.
class PlainSource final : public ReportSource {
 public:
  explicit PlainSource(store::BuildStore& builds) : builds_(builds) {}
  Result<model::BuildReport> report(const std::string& account_id, const Uuid& uuid) override {
    const Result<store::BuildRow> row = builds_.row(account_id, uuid);
    if (!row) return tl::unexpected<Error>(row.error());
    model::BuildReport report;
    report.build = uuid;
    report.worker_name = row->worker_name;
    report.commit = row->build.metadata.commit_hash;
    report.state = row->build.status == model::BuildStatus::stopped ? model::ReportState::cancelled
                                                                    : model::ReportState::queued;
    report.created_on = row->build.created_on;
    report.stopped_on = row->build.stopped_on;
    report.sentence = "so";
    return report;
  }

 private:
  store::BuildStore& builds_;
};

struct TellerTest : ::testing::Test {
  testing::TestStore t;
  scm::FakeGithub github;
  model::Trigger trigger = t.add_trigger();
  std::string host;

  // A process: what it knows besides the store dies with it.
  struct Running {
    explicit Running(TellerTest& test)
        : directory(
              test.t.connections, test.t.forges, test.t.clock,
              [&test](const std::string&) { return std::make_unique<scm::FakeGithub::Client>(test.github); }),
          source(test.t.builds),
          pump(test.t.outbox,
               [this](const std::string& account, const Uuid& connection) {
                 return directory.host_of(account, connection);
               }),
          teller({test.t.reports, directory, source, [] { return 0.0; }}) {}
    forges::Directory directory;
    PlainSource source;
    Pump pump;
    Teller teller;
  };

  TellerTest() {
    const model::ForgeRecord record{t.entropy.uuid(),
                                    trigger.account_id,
                                    "github",
                                    "https://github.com",
                                    "https://api.example",
                                    "",
                                    "",
                                    "",
                                    "",
                                    5};
    EXPECT_TRUE(t.forges.keep_forge(record, {"", "", "t1"}));
    host = "https://api.example " + record.uuid.str();
  }

  void tell_until_done(Running& process, int most = 50) {
    for (int i = 0; i < most; ++i) {
      ASSERT_TRUE(process.pump.hand_on());
      const Result<Teller::Told> told = process.teller.tell_next(host);
      ASSERT_TRUE(told) << told.error().message;
      if (told->any && told->rest_ms == 0) continue;
      const auto waiting = t.reports.hosts();
      if (waiting->empty()) return;
      t.clock.advance(10 * 60'000);
    }
    FAIL() << "never done";
  }
};

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

TEST(BackOff, HostsThatDoNotAnswerAreAskedLessAndLess) {
  const Error down{Errc::unavailable, "down", {}};
  EXPECT_EQ(next_try(down, {}, 0).wait_ms, 1'000);
  EXPECT_EQ(next_try(down, {3}, 0).wait_ms, 8'000);
  EXPECT_EQ(next_try(down, {100}, 0).wait_ms, 300'000);
  EXPECT_EQ(next_try(down, {}, 1).wait_ms, 1'500);
  EXPECT_EQ(next_try(down, {}, 0).whose, NextTry::Whose::host);
}

TEST(BackOff, HostsThatLimitAreLeftAloneForAsLongAsTheySayOrLonger) {
  EXPECT_EQ(next_try({Errc::rate_limited, "429", "7200"}, {9, 0, 9}, 1).wait_ms, 7'200'000);
  EXPECT_EQ(next_try({Errc::rate_limited, "429", ""}, {9, 0, 0}, 0).wait_ms, 60'000);
  EXPECT_EQ(next_try({Errc::rate_limited, "429", ""}, {9, 0, 3}, 0).wait_ms, 480'000);
  EXPECT_EQ(next_try({Errc::rate_limited, "429", ""}, {9, 0, 30}, 0).wait_ms, 3'600'000);
  EXPECT_EQ(next_try({Errc::rate_limited, "429", ""}, {}, 0).whose, NextTry::Whose::limited);
}

TEST(BackOff, WhatIsRefusedByItsFormIsNotRepeated) {
  EXPECT_EQ(next_try({Errc::invalid, "422", {}}, {}, 0).whose, NextTry::Whose::nobody);
  EXPECT_EQ(next_try({Errc::forbidden, "403", {}}, {}, 0).whose, NextTry::Whose::nobody);
}

TEST(BackOff, WhatMayBeThereInAMomentIsAskedForFiveTimesInARow) {
  const Error absent{Errc::not_found, "404", {}};
  EXPECT_EQ(next_try(absent, {}, 0).whose, NextTry::Whose::refused);
  EXPECT_EQ(next_try(absent, {4, 4}, 0).whose, NextTry::Whose::nobody);
  EXPECT_EQ(next_try(absent, {40, 3}, 0).whose, NextTry::Whose::refused) << "an outage is no refusal";
  EXPECT_EQ(next_try(absent, {40, 0}, 0).wait_ms, 1'000);
}

}  // namespace
}  // namespace kiln::events
