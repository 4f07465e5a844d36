// Deliveries that come in another order than their pushes were made.
#include "queue/queue_for_test.h"

namespace kiln::queue {
namespace {

// A history in which every commit, named by a digit, contains those with smaller ones.
class OrderTest : public QueueTest {
 protected:
  static std::string commit(int number) { return std::string(40, static_cast<char>('0' + number)); }

  // What became of a push that moves main: "built", or the reason why not.
  std::string push(int from, int to, bool forced = false) { return push_at(queue_, from, to, forced); }
  std::string push_at(Queue& server, int from, int to, bool forced = false) {
    model::PushEvent event = push_to("main", "d" + std::to_string(++deliveries_));
    event.before = from == 0 ? "" : commit(from);
    event.after = commit(to);
    event.forced = forced;
    const Result<Taken> taken = server.take_push(
        trigger_.connection, {event}, nullptr, {},
        [this](const std::string& ancestor, const std::string& descendant) -> std::optional<bool> {
          ++asked_;
          if (silent_) return std::nullopt;
          if (ancestor == thrown_away_ && descendant != ancestor) return false;
          return ancestor <= descendant;
        });
    EXPECT_TRUE(taken && taken->builds.size() == 1);
    return taken->builds.at(0).skipped.empty() ? "built" : taken->builds.at(0).skipped;
  }

  model::Trigger trigger_ = store_.add_trigger();
  int deliveries_ = 0;
  int asked_ = 0;
  bool silent_ = false;
  std::string thrown_away_;  // a commit that no other contains
};

TEST_F(OrderTest, OfPushesThatFollowEachOtherIsKnownWithoutGit) {
  EXPECT_EQ(push(0, 1), "built");
  EXPECT_EQ(push(1, 2), "built");
  EXPECT_EQ(push(2, 5), "built");
  EXPECT_EQ(asked_, 0);
}

TEST_F(OrderTest, NeverPutsAnOlderCommitOverANewerOne) {
  EXPECT_EQ(push(3, 4), "built");
  EXPECT_EQ(push(1, 2), "an older commit than 4444444, which was built already");
  EXPECT_EQ(push(2, 3), "an older commit than 4444444, which was built already") << "late ones do not count";
  EXPECT_EQ(push(0, 1), "an older commit than 4444444, which was built already");
  EXPECT_EQ(push(4, 5), "built");
}

TEST_F(OrderTest, LetsABranchBePutBackOnPurpose) {
  EXPECT_EQ(push(0, 4), "built");
  EXPECT_EQ(push(4, 2), "built") << "it follows the last one, whatever its host says of it";
  EXPECT_EQ(push(3, 1, true), "built") << "its host says that it was forced";
  EXPECT_EQ(push(0, 5), "built");
  EXPECT_EQ(push(6, 3), "built") << "it leaves behind what was built, so that it was forced";
}

TEST_F(OrderTest, BuildsWhatGitDoesNotSayAnythingOfWhereNoHostIsAsked) {
  Settings never = settings();
  never.asks_hosts = false;
  Queue queue{stores_of(store_), hub_, store_.clock, store_.entropy, never};
  EXPECT_EQ(push(3, 4), "built");
  model::PushEvent event = push_to("main", "unknown");
  event.before = commit(1);
  event.after = commit(2);
  const auto silence = [](const std::string&, const std::string&) { return std::optional<bool>(); };
  const Result<Taken> taken = queue.take_push(trigger_.connection, {event}, nullptr, {}, silence);
  ASSERT_TRUE(taken && taken->builds.size() == 1);
  EXPECT_EQ(taken->builds[0].skipped, "");
}

class LateForcedPush : public OrderTest, public ::testing::WithParamInterface<bool> {};

TEST_P(LateForcedPush, IsKnown) {
  thrown_away_ = commit(2);
  EXPECT_EQ(push(1, 2), "built");
  EXPECT_EQ(push(3, 4), "built") << "it follows the forced push, which has not come yet";
  EXPECT_EQ(push(2, 3, GetParam()), "an older commit than 4444444, which was built already");
}

INSTANTIATE_TEST_SUITE_P(WhetherItsHostSaysSo, LateForcedPush, ::testing::Bool());

TEST_F(OrderTest, AsksGitBehindASkippedPush) {
  EXPECT_EQ(push(0, 4), "built");
  model::PushEvent docs = push_to("main", "docs");
  docs.before = commit(4);
  docs.after = commit(5);
  docs.skip_requested = true;
  take(trigger_, docs);
  EXPECT_EQ(push(5, 6), "built");
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(push(6, 3), "built") << "put back on purpose";
}

TEST_F(OrderTest, PutsOffWhatGitDoesNotSayAnythingOf) {
  EXPECT_EQ(push(3, 4), "built");
  silent_ = true;
  model::PushEvent event = push_to("main", "unknown");
  event.before = commit(1);
  event.after = commit(2);
  const auto silence = [](const std::string&, const std::string&) { return std::optional<bool>(); };
  const Result<Taken> taken = queue_.take_push(trigger_.connection, {event}, nullptr, {}, silence);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->put_off && taken->builds.empty());
  EXPECT_EQ(
      taken->notes.at(0),
      "main: git did not say in time whether it is older than 4444444, which was built already; Kiln asks "
      "the host itself, and builds it if it is not");
  EXPECT_EQ(push(4, 5), "built") << "what was put off is as if it had not come";
}

TEST_F(OrderTest, KnowsWithoutGitWhatTheBranchHadMovedOnFrom) {
  EXPECT_EQ(push(0, 1), "built");
  EXPECT_EQ(push(2, 3), "built");
  EXPECT_EQ(push(3, 4), "built");
  silent_ = true;
  for (const int late : {3, 2}) {
    EXPECT_EQ(push(1, late),
              "the branch had moved on from it to 4444444, which was built already; git did not answer");
  }
  EXPECT_EQ(push(5, 2, true), "built") << "its host says that it was put back";
}

TEST_F(OrderTest, LooksAtWhatWasBuiltAndNotAtWhatWasSkipped) {
  EXPECT_EQ(push(0, 1), "built");
  model::PushEvent skipped = push_to("main", "skipped");
  skipped.after = commit(7);
  skipped.skip_requested = true;
  take(trigger_, skipped);
  EXPECT_EQ(push(1, 5), "built") << "7 was never built";
}

TEST_F(OrderTest, JudgesAgainWhatAnotherServerOvertookWhileItWasJudged) {
  EXPECT_EQ(push(0, 1), "built");
  model::PushEvent late = push_to("main", "late");
  late.before = commit(1);
  late.after = commit(2);
  late.changed = {};
  trigger_.path_includes = {"a"};
  ASSERT_TRUE(store_.triggers.update_trigger(trigger_));
  Queue elsewhere(stores_of(store_), hub_, store_.clock, store_.entropy, settings());
  bool overtaken = false;
  const auto files = [&](const model::PushEvent&) -> model::ChangedFiles {
    if (!std::exchange(overtaken, true)) {
      EXPECT_EQ(push_at(elsewhere, 2, 3), "built");
    }
    return {true, {"a"}, 1};
  };
  const Result<Taken> taken = queue_.take_push(
      trigger_.connection, {late}, files, {},
      [](const std::string& ancestor, const std::string& descendant) { return ancestor <= descendant; });
  ASSERT_TRUE(taken && taken->builds.size() == 1);
  EXPECT_EQ(taken->builds[0].skipped, "an older commit than 3333333, which was built already");
}

TEST_F(OrderTest, LooksPastWhateverWasBuiltSince) {
  EXPECT_EQ(push(3, 4), "built");
  for (int i = 0; i < 60; ++i) take(trigger_, push_to("feature", "f" + std::to_string(i)));
  EXPECT_EQ(push(1, 2), "an older commit than 4444444, which was built already");
}

}  // namespace
}  // namespace kiln::queue
