// What every store must keep of moves that others are to be told, and of what was told.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct OutboxContract : Contract {
  model::Trigger trigger = t.add_trigger();

  std::vector<model::Happening> moves() {
    std::vector<model::Happening> out;
    const std::vector<OutboxRow> rows = *t.outbox.waiting(100);
    for (const OutboxRow& row : rows) out.push_back(row.move);
    return out;
  }
  // Everything that waits is handed on to "git.example".
  void hand_all_on() {
    const std::vector<OutboxRow> rows = *t.outbox.waiting(100);
    std::vector<ReportWish> wishes;
    for (const OutboxRow& row : rows)
      wishes.push_back({row.number, row.connection, "git.example", row.build, true, row.pull_request});
    ASSERT_TRUE(t.outbox.hand_on(rows.empty() ? 0 : rows.back().number, wishes, {}));
  }
  DueReport due() {
    const auto found = t.reports.next("git.example");
    EXPECT_TRUE(found && *found);
    return found && *found ? **found : DueReport{};
  }
  bool is_nothing_due() { return !t.reports.next("git.example")->has_value(); }
};

TEST_P(OutboxContract, EveryMoveLeavesARowInItsOrder) {
  const model::Build build = t.add_build(trigger);
  const Claimed claimed = t.claim_next(t.make_claim());
  EXPECT_EQ(moves(), (std::vector{model::Happening::queued, model::Happening::initializing}));
  const std::vector<OutboxRow> rows = *t.outbox.waiting(100);
  EXPECT_EQ(rows.front().build, build.uuid);
  EXPECT_EQ(rows.front().connection, trigger.connection.uuid);
  EXPECT_EQ(rows.front().account_id, trigger.account_id);
  EXPECT_EQ(claimed.build.uuid, build.uuid);
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  EXPECT_EQ(moves().back(), model::Happening::stopped);
}

TEST_P(OutboxContract, AMoveThatDidNotHappenLeavesNone) {
  const model::Build build = t.add_build(trigger);
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  const std::size_t before = moves().size();
  EXPECT_FALSE(t.queue.cancel(trigger.account_id, build.uuid, "again"));
  EXPECT_EQ(moves().size(), before);
}

TEST_P(OutboxContract, ASupersededBuildStops) {
  t.add_build(trigger);
  Intake newer{"git", "d2", {t.make_build(trigger)}, {}, true, {}, {}};
  ASSERT_TRUE(t.queue.enqueue(newer));
  EXPECT_EQ(moves(),
            (std::vector{model::Happening::queued, model::Happening::stopped, model::Happening::queued}));
}

TEST_P(OutboxContract, WhatIsHandedOnIsDueOnceForAllItsMoves) {
  const model::Build build = t.add_build(trigger);
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  hand_all_on();
  EXPECT_TRUE(moves().empty());
  const DueReport report = due();
  EXPECT_EQ(report.kind, ReportKind::build);
  EXPECT_EQ(report.build, build.uuid);
  EXPECT_EQ(report.account_id, trigger.account_id);
  ASSERT_EQ(t.reports.hosts()->size(), 1U);
  ASSERT_TRUE(t.reports.told(report.number, report.wanted));
  EXPECT_TRUE(is_nothing_due());
  EXPECT_TRUE(t.reports.hosts()->empty());
}

TEST_P(OutboxContract, WhatWasToldIsNotDueForMovesThatItHadAlready) {
  t.add_build(trigger);
  hand_all_on();
  t.claim_next(t.make_claim());
  const DueReport report = due();
  ASSERT_TRUE(t.reports.told(report.number, report.wanted)) << "as of now: it runs";
  hand_all_on();
  EXPECT_TRUE(is_nothing_due());
}

TEST_P(OutboxContract, APullRequestsCommentIsToldOfABuildThatWasNotListedYet) {
  const auto hand_on_to = [&](const OutboxRow& row) {
    ASSERT_TRUE(
        t.outbox.hand_on(row.number, {{row.number, row.connection, "git.example", row.build, false, 7}}, {}));
  };
  t.add_build(trigger, "feature");
  hand_on_to(t.outbox.waiting(100)->front());
  t.add_build(t.add_trigger(t.add_worker(trigger.account_id, "admin")), "feature");
  const DueReport report = due();
  EXPECT_EQ(report.kind, ReportKind::pull_request);
  ASSERT_TRUE(t.reports.told(report.number, report.wanted)) << "the second build is not listed there";
  hand_on_to(t.outbox.waiting(100)->front());
  EXPECT_FALSE(is_nothing_due());
}

TEST_P(OutboxContract, WhatMovesWhileItIsToldIsDueAgain) {
  const model::Build build = t.add_build(trigger);
  hand_all_on();
  const DueReport first = due();
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  hand_all_on();
  EXPECT_FALSE(first.may_exist);
  ASSERT_TRUE(t.reports.begin(first.number));
  ASSERT_TRUE(t.reports.keep_remote_id(first.number, "4711"));
  ASSERT_TRUE(t.reports.told(first.number, first.wanted));
  const DueReport second = due();
  EXPECT_EQ(second.number, first.number);
  EXPECT_EQ(second.remote_id, "4711");
  EXPECT_TRUE(second.may_exist);
  EXPECT_GT(second.wanted, first.wanted);
  ASSERT_TRUE(t.reports.told(second.number, second.wanted));
  EXPECT_TRUE(is_nothing_due());
}

TEST_P(OutboxContract, APostponedReportComesBackInTimeAndKeepsCount) {
  t.add_build(trigger);
  hand_all_on();
  const DueReport first = due();
  ASSERT_TRUE(t.reports.postpone(first.number, 5'000, "the host answered 503"));
  EXPECT_TRUE(is_nothing_due());
  const std::vector<FailingReport> failing = *t.reports.failing(trigger.account_id);
  ASSERT_EQ(failing.size(), 1U);
  EXPECT_EQ(failing.front().error, "the host answered 503");
  t.clock.advance(5'000);
  EXPECT_EQ(due().attempts, 1);
  ASSERT_TRUE(t.reports.told(first.number, first.wanted));
  EXPECT_TRUE(t.reports.failing(trigger.account_id)->empty());
}

TEST_P(OutboxContract, NewsDoNotHurryWhatWasPostponed) {
  const model::Build build = t.add_build(trigger);
  hand_all_on();
  ASSERT_TRUE(t.reports.postpone(due().number, 5'000, "the host answered 503"));
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  hand_all_on();
  EXPECT_TRUE(is_nothing_due()) << "the wait belongs to the report";
}

TEST_P(OutboxContract, WhatWasRefusedIsDueAgainOnlyWhenTheBuildMoves) {
  const model::Build build = t.add_build(trigger);
  hand_all_on();
  const DueReport first = due();
  ASSERT_TRUE(t.reports.give_up(first.number, first.wanted, "the App may not see it"));
  EXPECT_TRUE(is_nothing_due());
  EXPECT_FALSE(t.reports.failing(trigger.account_id)->front().due_on);
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  hand_all_on();
  EXPECT_EQ(due().number, first.number);
}

TEST_P(OutboxContract, WhatWasRefusedIsToldAgainWhereItIsAskedFor) {
  t.add_build(trigger);
  hand_all_on();
  const DueReport first = due();
  EXPECT_TRUE(t.reports.given_up(trigger.account_id)->empty());
  ASSERT_TRUE(t.reports.give_up(first.number, first.wanted, "the App may not see it"));
  EXPECT_EQ(*t.reports.given_up(trigger.account_id), std::vector<Uuid>{trigger.connection.uuid});
  EXPECT_EQ(*t.reports.count_given_up(), 1);
  EXPECT_EQ(*t.reports.tell_again(trigger.account_id, t.entropy.uuid(), "b.example"), 0);
  EXPECT_EQ(*t.reports.tell_again(trigger.account_id, trigger.connection.uuid, "b.example"), 1);
  EXPECT_TRUE(t.reports.given_up(trigger.account_id)->empty());
  EXPECT_TRUE(is_nothing_due());
  EXPECT_EQ((*t.reports.next("b.example"))->number, first.number);
}

TEST_P(OutboxContract, HostsHaveClocksOfTheirOwn) {
  t.add_build(trigger);
  const std::vector<OutboxRow> rows = *t.outbox.waiting(1);
  const OutboxRow& row = rows.front();
  ASSERT_TRUE(
      t.outbox.hand_on(row.number, {{row.number, row.connection, "a.example", row.build, true, {}}}, {}));
  EXPECT_FALSE(t.reports.next("b.example")->has_value());
  EXPECT_TRUE(t.reports.next("a.example")->has_value());
}

TEST_P(OutboxContract, APullRequestsCommentListsTheNewestBuildOfEachWorker) {
  const model::Trigger other = t.add_trigger(t.add_worker(trigger.account_id, "admin"));
  const model::Build old = t.add_build(trigger, "feature");
  const model::Build beside = t.add_build(other, "feature");
  const model::Build newest = t.add_build(trigger, "feature");
  const std::vector<OutboxRow> rows = *t.outbox.waiting(100);
  std::vector<ReportWish> wishes;
  for (const OutboxRow& row : rows)
    wishes.push_back({row.number, trigger.connection.uuid, "git.example", row.build, true, 7});
  ASSERT_TRUE(t.outbox.hand_on(rows.back().number, wishes, {}));
  EXPECT_EQ(*t.reports.builds_of_pull_request(trigger.connection.uuid, 7),
            (std::vector<Uuid>{newest.uuid, beside.uuid}));
  EXPECT_NE(old.uuid, newest.uuid);
}

TEST_P(OutboxContract, ABuildIsOutdoneByANewerOneOfItsWorkerAndCommit) {
  const model::Build first = t.add_build(trigger);
  NewBuild again = t.make_build(trigger);
  again.build.metadata.commit_hash = first.metadata.commit_hash;
  Intake intake{};
  intake.builds.push_back(again);
  ASSERT_TRUE(t.queue.enqueue(intake));
  EXPECT_TRUE(*t.reports.is_outdone(first.uuid));
  EXPECT_FALSE(*t.reports.is_outdone(again.build.uuid));
}

TEST_P(OutboxContract, ABuildThatIsFoundToBelongToAPullRequestSaysSo) {
  const model::Build build = t.add_build(trigger, "feature");
  hand_all_on();
  const PullRequestNote note{
      trigger.connection.uuid, 7, "https://git.example/7", "feature", build.metadata.commit_hash, true, 5, 6};
  ASSERT_TRUE(t.pull_requests.note(note));
  const std::vector<OutboxRow> rows = *t.outbox.waiting(100);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.front().move, model::Happening::linked);
  EXPECT_EQ(rows.front().pull_request, 7);
}

// A pull request that is merged while its build runs: the comment that lists the build tells its end still.
TEST_P(OutboxContract, WhatAPullRequestsCommentListsIsToldThereAfterItsEnd) {
  const model::Build listed = t.add_build(trigger, "feature");
  PullRequestNote note{trigger.connection.uuid,
                       7,
                       "https://git.example/7",
                       "feature",
                       listed.metadata.commit_hash,
                       true,
                       5,
                       6};
  ASSERT_TRUE(t.pull_requests.note(note));
  hand_all_on();
  note.open = false;
  note.updated_on = 7;
  ASSERT_TRUE(t.pull_requests.note(note));
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, listed.uuid, "enough"));
  const std::vector<OutboxRow> rows = *t.outbox.waiting(100);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.front().pull_request, 7);
}

TEST_P(OutboxContract, AClosedPullRequestsCommentListsNoFurtherBuild) {
  const model::Build build = t.add_build(trigger, "feature");
  PullRequestNote note{
      trigger.connection.uuid, 7, "https://git.example/7", "feature", build.metadata.commit_hash, true, 5, 6};
  ASSERT_TRUE(t.pull_requests.note(note));
  note.open = false;
  note.updated_on = 7;
  ASSERT_TRUE(t.pull_requests.note(note));
  const std::vector<OutboxRow> rows = *t.outbox.waiting(100);
  ASSERT_FALSE(rows.empty());
  EXPECT_FALSE(rows.back().pull_request);
}

KILN_CONTRACT(OutboxContract);

}  // namespace
}  // namespace kiln::store::contract
