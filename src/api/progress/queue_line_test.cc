#include "api/progress/queue_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "api/progress/claim_order.h"

namespace kiln::api::progress {
namespace {

constexpr TimeMs kNow = 1'000'000;

Uuid id(int byte) {
  return *Uuid::from_raw(std::string(16, static_cast<char>(byte)));
}

store::OpenBuild note(int number, const std::string& worker, int trigger, const std::string& branch,
                      std::optional<TimeMs> since = {}) {
  return {.number = number,
          .uuid = id(number),
          .worker_tag = worker,
          .trigger_uuid = id(100 + trigger),
          .branch = branch,
          .begun = since.has_value(),
          .leased = since.has_value(),
          .initializing_on = since};
}

LineFacts facts(int slots) {
  return {.slots = slots,
          .no_builds = {},
          .no_minutes = {},
          .usual_ms = {{"a", 10'000}, {"b", 10'000}},
          .now = kNow};
}

TEST(QueueLine, TheOldestIsTheNextWhenASlotIsFree) {
  const auto line = line_of({note(1, "a", 1, "main"), note(2, "b", 2, "main")}, facts(2));
  ASSERT_EQ(line.size(), 2U);
  EXPECT_EQ(line[0].index, 0U);
  EXPECT_EQ(line[0].reason, WaitReason::next);
  EXPECT_EQ(line[0].starts_on, kNow);
  EXPECT_EQ(line[1].position, 2);
}

TEST(QueueLine, WhoWaitsForASlotStartsWhenThatIsFree) {
  const auto line = line_of({note(1, "a", 1, "main", kNow - 4'000), note(2, "b", 2, "main")}, facts(1));
  ASSERT_EQ(line.size(), 1U);
  EXPECT_EQ(line[0].reason, WaitReason::slots);
  EXPECT_EQ(line[0].starts_on, kNow + 6'000);
}

TEST(QueueLine, OfATriggerAndBranchOneRunsAtATime) {
  const auto line = line_of(
      {note(1, "a", 1, "main", kNow - 4'000), note(2, "a", 1, "main"), note(3, "a", 1, "x")}, facts(3));
  ASSERT_EQ(line.size(), 2U);
  EXPECT_EQ(line[0].index, 2U) << "the other branch goes first";
  EXPECT_EQ(line[1].reason, WaitReason::branch);
  EXPECT_EQ(line[1].behind, id(1));
  EXPECT_EQ(line[1].starts_on, kNow + 6'000);
}

TEST(QueueLine, WorkersTakeTurns) {
  const auto line =
      line_of({note(1, "a", 1, "x", kNow), note(2, "a", 1, "y"), note(3, "b", 2, "main")}, facts(1));
  EXPECT_EQ(line[0].index, 2U);
}

TEST(QueueLine, ALostBuildGoesFirst) {
  store::OpenBuild lost = note(2, "b", 2, "main", kNow - 1);
  lost.leased = false;
  const auto line = line_of({note(1, "a", 1, "main"), lost}, facts(1));
  EXPECT_EQ(line[0].index, 1U);
}

TEST(QueueLine, SaysWhyNothingIsTaken) {
  LineFacts stuck = facts(1);
  stuck.no_builds = "no runner has called for 31 seconds";
  EXPECT_EQ(line_of({note(1, "a", 1, "main")}, stuck)[0].reason, WaitReason::no_runner);
  EXPECT_FALSE(line_of({note(1, "a", 1, "main")}, stuck)[0].starts_on);
  stuck.no_builds = "the disk is full";
  EXPECT_EQ(line_of({note(1, "a", 1, "main")}, stuck)[0].reason, WaitReason::paused);
  stuck.no_minutes = "used up";
  EXPECT_EQ(line_of({note(1, "a", 1, "main")}, stuck)[0].reason, WaitReason::minutes);
}

TEST(QueueLine, WhatIsNotApprovedIsTakenByNobody) {
  store::OpenBuild foreign = note(1, "a", 1, "main");
  foreign.waits_for_approval = true;
  const auto line = line_of({foreign, note(2, "a", 1, "main")}, facts(1));
  ASSERT_EQ(line.size(), 2U);
  EXPECT_EQ(line[0].index, 1U);
  EXPECT_EQ(line[0].reason, WaitReason::next);
  EXPECT_EQ(line[1].reason, WaitReason::approval);
}

TEST(QueueLine, ForetellsNothingOfWorkersThatNeverBuilt) {
  LineFacts unknown = facts(1);
  unknown.usual_ms.clear();
  const auto line = line_of({note(1, "a", 1, "main", kNow - 1), note(2, "b", 2, "main")}, unknown);
  EXPECT_FALSE(line[0].starts_on);
}

// The order as claim()'s own statement has it, looked for among all that wait, one by one.
TEST(QueueLine, TakesThemAsALookAtAllOfThemWould) {
  std::vector<store::OpenBuild> open;
  for (int i = 0; i < 120; ++i) {
    const int worker = i * 7 % 5;
    open.push_back(note(i, std::string(1, static_cast<char>('a' + worker)), worker * 3 + i % 3,
                        i % 4 == 0 ? "main" : "x", i % 11 == 3 ? std::optional(kNow) : std::nullopt));
    if (i % 17 == 5) open.back().leased = false;
  }
  std::map<std::string, int> leases;
  std::set<Lane> taken;
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (!open[i].leased) {
      waiting.push_back(i);
      continue;
    }
    ++leases[open[i].worker_tag];
    taken.insert(lane_of(open[i]));
  }
  const auto rank = [&](std::size_t index) {
    const store::OpenBuild& build = open[index];
    return std::tuple(taken.contains(lane_of(build)), !build.begun, leases[build.worker_tag], build.number);
  };
  for (const WaitingBuild& build : line_of(open, facts(3))) {
    const auto next = std::min_element(waiting.begin(), waiting.end(),
                                       [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    ASSERT_NE(next, waiting.end());
    ASSERT_EQ(build.index, *next) << "at " << build.position;
    ++leases[open[*next].worker_tag];
    taken.insert(lane_of(open[*next]));
    waiting.erase(next);
  }
  EXPECT_TRUE(waiting.empty());
}

}  // namespace
}  // namespace kiln::api::progress
