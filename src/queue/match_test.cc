#include "queue/match.h"

#include <gtest/gtest.h>

namespace kiln::queue {
namespace {

model::Trigger trigger(std::vector<std::string> includes, std::vector<std::string> excludes = {},
                       std::vector<std::string> paths = {"*"}, std::vector<std::string> not_paths = {}) {
  model::Trigger t;
  t.branch_includes = std::move(includes);
  t.branch_excludes = std::move(excludes);
  t.path_includes = std::move(paths);
  t.path_excludes = std::move(not_paths);
  return t;
}

model::PushEvent push_to(const std::string& branch, std::vector<std::string> files = {"a"}) {
  model::PushEvent push;
  push.ref = "refs/heads/" + branch;
  push.before = std::string(40, '1');
  push.after = std::string(40, '2');
  push.changed = {true, std::move(files), 1};
  return push;
}

model::ChangedFiles must_not_ask(const model::PushEvent&) {
  ADD_FAILURE() << "git was asked although nobody needs to know";
  return {};
}

TEST(Match, LeavesOutTriggersOfOtherBranches) {
  const std::vector<model::Trigger> triggers = {trigger({"main"}), trigger({"*"}, {"main"})};
  const std::vector<Match> on_main = match_push(push_to("main"), triggers, must_not_ask);
  ASSERT_EQ(on_main.size(), 1U);
  EXPECT_EQ(on_main[0].trigger, &triggers[0]);
  const std::vector<Match> elsewhere = match_push(push_to("x"), triggers, must_not_ask);
  ASSERT_EQ(elsewhere.size(), 1U);
  EXPECT_EQ(elsewhere[0].trigger, &triggers[1]);
}

TEST(Match, IgnoresTagsAndDeletedBranches) {
  const std::vector<model::Trigger> triggers = {trigger({"*"})};
  model::PushEvent tag = push_to("x");
  tag.ref = "refs/tags/v1";
  EXPECT_TRUE(match_push(tag, triggers, must_not_ask).empty());
  model::PushEvent deleted = push_to("x");
  deleted.after.clear();
  EXPECT_TRUE(match_push(deleted, triggers, must_not_ask).empty());
}

TEST(Match, SkipsByPathWithAReasonThatNamesTheFiles) {
  const std::vector<model::Trigger> triggers = {trigger({"*"}, {}, {"src/*"})};
  const std::vector<Match> matched = match_push(push_to("x", {"a", "b", "c", "d"}), triggers, must_not_ask);
  ASSERT_EQ(matched.size(), 1U);
  EXPECT_EQ(matched[0].skip,
            "none of the 4 changed files matches the trigger's path patterns (a, b, c and 1 more)");
  EXPECT_EQ(match_push(push_to("x", {"src/a"}), triggers, must_not_ask)[0].skip, "");
}

TEST(Match, AsksGitOnceWhenTheEventCannotSay) {
  const std::vector<model::Trigger> triggers = {trigger({"*"}, {}, {"src/*"}), trigger({"*"}, {}, {"docs/*"}),
                                                trigger({"*"})};
  model::PushEvent push = push_to("x");
  push.changed = {};
  int asked = 0;
  const std::vector<Match> matched = match_push(push, triggers, [&](const model::PushEvent&) {
    ++asked;
    return model::ChangedFiles{true, {"docs/a"}, 1};
  });
  EXPECT_EQ(asked, 1);
  ASSERT_EQ(matched.size(), 3U);
  EXPECT_NE(matched[0].skip, "");
  EXPECT_EQ(matched[1].skip, "");
  EXPECT_EQ(matched[2].skip, "");
}

TEST(Match, BuildsWhenGitCannotSayEither) {
  const std::vector<model::Trigger> triggers = {trigger({"*"}, {}, {"src/*"})};
  model::PushEvent push = push_to("x");
  push.changed = {};
  EXPECT_EQ(match_push(push, triggers, [](const model::PushEvent&) { return model::ChangedFiles{}; })[0].skip,
            "");
}

TEST(Match, HonoursMarkersAndThePushOption) {
  const std::vector<model::Trigger> triggers = {trigger({"*"})};
  model::PushEvent push = push_to("x");
  push.head_message = "Docs [CI Skip]";
  EXPECT_EQ(match_push(push, triggers, must_not_ask)[0].skip, "the commit message says [ci skip]");
  push.head_message.clear();
  push.skip_requested = true;
  EXPECT_EQ(match_push(push, triggers, must_not_ask)[0].skip, "the push asked for it (git push -o ci.skip)");
}

}  // namespace
}  // namespace kiln::queue
