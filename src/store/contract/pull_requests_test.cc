#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct PullRequests : Contract {
  model::Trigger trigger = t.add_trigger();

  PullRequestNote note(const std::string& branch, const std::string& commit, TimeMs updated) {
    return {trigger.connection.uuid, 7, "https://git.example/7", branch, commit, true, 5, updated};
  }
};

TEST_P(PullRequests, AreNotedOnTheBuildsOfTheirHeadThatHaveNone) {
  const model::Build head = t.add_build(trigger, "feature");
  const model::Build other = t.add_build(trigger, "feature");  // another commit
  const std::uint64_t seen = t.feed.changes().builds.count();
  const auto noted = t.pull_requests.note(note("feature", head.metadata.commit_hash, 1));
  ASSERT_TRUE(noted) << noted.error().message;
  EXPECT_EQ(*noted, std::vector<Uuid>{head.uuid});
  EXPECT_EQ(t.builds.build(trigger.account_id, head.uuid)->build.pull_request->url, "https://git.example/7");
  EXPECT_FALSE(t.builds.build(trigger.account_id, other.uuid)->build.pull_request);
  EXPECT_EQ(t.feed.changes().builds.since(seen).ids, std::vector<Uuid>{head.uuid}) << "caches hear of it";
  EXPECT_TRUE(t.pull_requests.note(note("feature", head.metadata.commit_hash, 1))->empty()) << "once";
}

TEST_P(PullRequests, TheNextOneOfAHeadTakesOverTheBuildsOfAClosedOne) {
  const model::Build head = t.add_build(trigger, "feature");
  PullRequestNote first = note("feature", head.metadata.commit_hash, 1);
  ASSERT_TRUE(t.pull_requests.note(first));
  PullRequestNote second = note("feature", head.metadata.commit_hash, 3);
  second.number = 8;
  second.url = "https://git.example/8";
  EXPECT_TRUE(t.pull_requests.note(second)->empty()) << "the first is open";
  first.open = false;
  first.updated_on = 2;
  ASSERT_TRUE(t.pull_requests.note(first));
  EXPECT_EQ(*t.pull_requests.note(second), std::vector<Uuid>{head.uuid});
  EXPECT_EQ(t.builds.build(trigger.account_id, head.uuid)->build.pull_request->url, second.url);
  first.open = true;
  first.updated_on = 4;
  EXPECT_TRUE(t.pull_requests.note(first)->empty()) << "the second is open";
}

TEST_P(PullRequests, OlderNewsChangeNothing) {
  ASSERT_TRUE(t.pull_requests.note(note("feature", "a", 10)));
  PullRequestNote older = note("feature", "a", 9);
  older.open = false;
  ASSERT_TRUE(t.pull_requests.note(older));
  EXPECT_TRUE(t.pull_requests.open_of_branch(trigger.connection.uuid, "feature")->has_value());
  const auto noted = *t.pull_requests.noted(trigger.connection.uuid, 7);
  ASSERT_TRUE(noted);
  EXPECT_EQ(noted->updated_on, 10);
  EXPECT_FALSE(*t.pull_requests.noted(trigger.connection.uuid, 8));
  older.updated_on = 11;
  ASSERT_TRUE(t.pull_requests.note(older));
  EXPECT_FALSE(t.pull_requests.open_of_branch(trigger.connection.uuid, "feature")->has_value());
}

TEST_P(PullRequests, AreNotedOnlyAmongTheLastHundredBuildsOfAWorker) {
  const model::Build old = t.add_build(trigger, "feature");
  for (int i = 0; i < 100; ++i) t.add_build(trigger, "main");
  EXPECT_TRUE(t.pull_requests.note(note("feature", old.metadata.commit_hash, 1))->empty());
}

KILN_CONTRACT(PullRequests);

}  // namespace
}  // namespace kiln::store::contract
