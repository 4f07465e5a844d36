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

using model::Decision;

TEST(Match, JudgesEveryTriggerAndNamesTheBranchPattern) {
  const std::vector<model::Trigger> triggers = {trigger({"main", "dev"}),
                                                trigger({"release/*", "*"}, {"*-wip", "main"}), trigger({})};
  const std::vector<Match> on_main = match_push(push_to("main"), triggers, must_not_ask);
  ASSERT_EQ(on_main.size(), 3U);
  EXPECT_EQ(on_main[0].trigger, &triggers[0]);
  EXPECT_EQ(on_main[0].decision, Decision::built);
  EXPECT_EQ(on_main[0].rule, "the branch pattern main includes main");
  EXPECT_EQ(on_main[1].trigger, &triggers[1]);
  EXPECT_EQ(on_main[1].decision, Decision::passed_over);
  EXPECT_EQ(on_main[1].rule, "the branch pattern main excludes main");
  EXPECT_EQ(on_main[2].rule, "the trigger includes no branch");
  const std::vector<Match> elsewhere = match_push(push_to("release/1"), triggers, must_not_ask);
  EXPECT_EQ(elsewhere[0].decision, Decision::passed_over);
  EXPECT_EQ(elsewhere[0].rule, "the branch patterns (main, dev) do not include release/1");
  EXPECT_EQ(elsewhere[1].rule, "the branch pattern release/* includes release/1");
  EXPECT_EQ(match_push(push_to("x-wip"), triggers, must_not_ask)[1].rule,
            "the branch pattern *-wip excludes x-wip");
}

TEST(Match, APassedOverTriggerIsNotSkippedByAMarker) {
  model::PushEvent push = push_to("x");
  push.head_message = "Docs [skip ci]";
  EXPECT_EQ(match_push(push, {trigger({"main"})}, must_not_ask)[0].decision, Decision::passed_over);
}

TEST(Match, APausedTriggerPassesOverWhatItWouldBuild) {
  model::Trigger paused = trigger({"main"});
  paused.paused = true;
  const std::vector<Match> on_main = match_push(push_to("main"), {paused}, must_not_ask);
  EXPECT_EQ(on_main[0].decision, Decision::passed_over);
  EXPECT_EQ(on_main[0].rule, kPausedRule);
  EXPECT_EQ(match_push(push_to("x"), {paused}, must_not_ask)[0].rule,
            "the branch patterns (main) do not include x");
}

TEST(Match, PassesTagsAndDeletedBranchesOver) {
  const std::vector<model::Trigger> triggers = {trigger({"*"})};
  model::PushEvent tag = push_to("x");
  tag.ref = "refs/tags/v1";
  const Match of_tag = match_push(tag, triggers, must_not_ask).at(0);
  EXPECT_EQ(of_tag.decision, Decision::passed_over);
  EXPECT_EQ(of_tag.rule, "refs/tags/v1 is not a branch");
  model::PushEvent deleted = push_to("x");
  deleted.after.clear();
  const Match of_deleted = match_push(deleted, triggers, must_not_ask).at(0);
  EXPECT_EQ(of_deleted.decision, Decision::passed_over);
  EXPECT_EQ(of_deleted.rule, "the branch x was deleted");
}

TEST(Match, NamesThePathPatternThatBuildsOrWhyPathsDoNotCount) {
  const std::vector<model::Trigger> triggers = {trigger({"main"}, {}, {"docs/*", "src/*"}, {"*.md"})};
  const auto rule_for = [&](const model::ChangedFiles& changed) {
    model::PushEvent push = push_to("main");
    push.changed = changed;
    return match_push(push, triggers, {}).at(0).rule;
  };
  const std::string taken = "the branch pattern main includes main, and ";
  EXPECT_EQ(rule_for({true, {"docs/a.md", "src/b"}, 1}), taken + "the path pattern src/* includes src/b");
  EXPECT_EQ(rule_for({}), taken + "which files changed is not known");
  EXPECT_EQ(rule_for({true, {}, 1}), taken + "no file changed");
  EXPECT_EQ(rule_for({true, {"x"}, 20}), taken + "20 or more commits came");
  EXPECT_EQ(rule_for({true, std::vector<std::string>(3'000, "x"), 1}), taken + "3000 or more files changed");
}

TEST(Match, LetsNoNameForgeARule) {
  const Match match =
      match_push(push_to("x", {"a\nforged\x1b[2J"}), {trigger({"*"}, {}, {"src/*"})}, {}).at(0);
  EXPECT_EQ(match.decision, Decision::skipped);
  EXPECT_EQ(match.rule.find_first_of("\n\x1b"), std::string::npos) << match.rule;
}

TEST(Match, SkipsByPathWithAReasonThatNamesTheFiles) {
  const std::vector<model::Trigger> triggers = {trigger({"*"}, {}, {"src/*"})};
  const std::vector<Match> matched = match_push(push_to("x", {"a", "b", "c", "d"}), triggers, must_not_ask);
  ASSERT_EQ(matched.size(), 1U);
  EXPECT_EQ(matched[0].decision, Decision::skipped);
  EXPECT_EQ(matched[0].rule,
            "none of the 4 changed files matches the trigger's path patterns (a, b, c and 1 more)");
  EXPECT_EQ(match_push(push_to("x", {"src/a"}), triggers, must_not_ask)[0].decision, Decision::built);
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
  EXPECT_EQ(matched[0].decision, Decision::skipped);
  EXPECT_EQ(matched[1].decision, Decision::built);
  EXPECT_EQ(matched[2].decision, Decision::built);
}

TEST(Match, BuildsWhenGitCannotSayEither) {
  const std::vector<model::Trigger> triggers = {trigger({"*"}, {}, {"src/*"})};
  model::PushEvent push = push_to("x");
  push.changed = {};
  const auto cannot_say = [](const model::PushEvent&) { return model::ChangedFiles{}; };
  EXPECT_EQ(match_push(push, triggers, cannot_say)[0].decision, Decision::built);
}

TEST(Match, HonoursMarkersAndThePushOption) {
  const std::vector<model::Trigger> triggers = {trigger({"*"})};
  model::PushEvent push = push_to("x");
  push.head_message = "Docs [CI Skip]";
  EXPECT_EQ(match_push(push, triggers, must_not_ask)[0].rule, "the commit message says [ci skip]");
  push.head_message.clear();
  push.skip_requested = true;
  EXPECT_EQ(match_push(push, triggers, must_not_ask)[0].rule, "the push asked for it (git push -o ci.skip)");
}

}  // namespace
}  // namespace kiln::queue
