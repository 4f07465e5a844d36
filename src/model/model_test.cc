#include <gtest/gtest.h>

#include "model/build.h"
#include "model/pattern.h"
#include "model/principal.h"
#include "model/scm_event.h"

namespace kiln::model {
namespace {

TEST(BuildMoves, GoForwardOnlyAndMayStopFromAnyLiveState) {
  using enum BuildStatus;
  const BuildStatus all[] = {queued, initializing, running, stopped};
  int legal = 0;
  for (const BuildStatus from : all) {
    for (const BuildStatus to : all) legal += may_move(from, to) ? 1 : 0;
  }
  EXPECT_EQ(legal, 5);
  EXPECT_TRUE(may_move(queued, initializing));
  EXPECT_TRUE(may_move(initializing, running));
  EXPECT_TRUE(may_move(queued, stopped));
  EXPECT_TRUE(may_move(initializing, stopped));
  EXPECT_TRUE(may_move(running, stopped));
}

TEST(Words, AreReadBackAsWritten) {
  EXPECT_EQ(parse_build_status(to_string(BuildStatus::initializing)), BuildStatus::initializing);
  EXPECT_EQ(parse_build_outcome(to_string(BuildOutcome::terminated)), BuildOutcome::terminated);
  EXPECT_EQ(parse_trigger_source(to_string(TriggerSource::pull_request)), TriggerSource::pull_request);
  EXPECT_FALSE(parse_build_outcome("canceled"));
}

TEST(Pattern, MayHaveOneStarAtAnEnd) {
  for (const char* good : {"main", "*", "release/*", "*-wip", "apps/web/*"})
    EXPECT_TRUE(check_pattern(good)) << good;
  for (const char* bad : {"", "a*b", "*a*", "**", "a\nb"}) EXPECT_FALSE(check_pattern(bad)) << bad;
}

TEST(Pattern, StarMatchesSlashesToo) {
  EXPECT_TRUE(matches("release/*", "release/1/2"));
  EXPECT_TRUE(matches("*.md", "docs/deep/a.md"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_FALSE(matches("main", "main2"));
  EXPECT_FALSE(matches("release/*", "releases"));
}

TEST(BranchPatterns, ExcludeFirst) {
  EXPECT_FALSE(branch_matches({"*"}, {"main"}, "main"));
  EXPECT_TRUE(branch_matches({"*"}, {"main"}, "other"));
  EXPECT_FALSE(branch_matches({}, {}, "main"));
}

TEST(PathPatterns, DropExcludedFilesThenWantAnIncludedOne) {
  const ChangedFiles docs{true, {"docs/a.md", "src/b.md"}, 1};
  EXPECT_FALSE(paths_match({"*"}, {"*.md"}, docs));
  EXPECT_TRUE(paths_match({"src/*"}, {}, docs));
  EXPECT_FALSE(paths_match({"lib/*"}, {}, docs));
}

TEST(PathPatterns, AreBypassedWhenTheChangeIsUnknownEmptyOrHuge) {
  EXPECT_TRUE(paths_match({"src/*"}, {}, {false, {"docs/a"}, 1}));
  EXPECT_TRUE(paths_match({"src/*"}, {}, {true, {}, 1}));
  EXPECT_FALSE(paths_match({"src/*"}, {}, {true, std::vector<std::string>(2'999, "docs/a"), 1}));
  EXPECT_TRUE(paths_match({"src/*"}, {}, {true, std::vector<std::string>(3'000, "docs/a"), 1}));
  EXPECT_FALSE(paths_match({"src/*"}, {}, {true, {"docs/a"}, 19}));
  EXPECT_TRUE(paths_match({"src/*"}, {}, {true, {"docs/a"}, 20}));
}

TEST(PathPatterns, RestrictOnlyWhenSomethingCouldFallOut) {
  EXPECT_FALSE(paths_restrict({"*"}, {}));
  EXPECT_TRUE(paths_restrict({"*"}, {"*.md"}));
  EXPECT_TRUE(paths_restrict({"src/*"}, {}));
}

TEST(SkipMarker, IsFoundInTheSubjectInEitherCase) {
  EXPECT_EQ(skip_marker("Update data [Skip CI]\n\nbody"), "[skip ci]");
  EXPECT_EQ(skip_marker("\n  \n[CF-Workers-Skip] x"), "[cf-workers-skip]");
  EXPECT_EQ(skip_marker("\"a\" and `b` [ci skip]"), "[ci skip]");
  EXPECT_EQ(skip_marker("Reverting nothing [skip ci]"), "[skip ci]");
  for (const char* none : {"", "skip ci", "[no ci]", "[skip actions]", "[CISkip]"})
    EXPECT_EQ(skip_marker(none), "");
}

TEST(SkipMarker, StandsForNothingInABodyAQuoteOrARevert) {
  for (const char* none :
       {"feat: x (#12)\n\n* chore: lock file [skip ci]", "x\r\n[skip ci]", "Revert \"chore: [skip ci] bump\"",
        "revert: chore [skip ci]", "Revert [skip ci] again", "docs: explain \"[skip ci]\"",
        "docs: what `[ci skip]` means"})
    EXPECT_EQ(skip_marker(none), "") << none;
}

TEST(PushEvent, HasABranchOnlyForHeads) {
  PushEvent push;
  push.ref = "refs/heads/feature/x";
  EXPECT_EQ(push.branch(), "feature/x");
  push.ref = "refs/tags/v1";
  EXPECT_EQ(push.branch(), "");
}

TEST(PermissionText, IsParsedWholeOrNotAtAll) {
  EXPECT_EQ(Permissions::parse("ci:read, scripts:read")->str(), "ci:read,scripts:read");
  EXPECT_EQ(Permissions::parse("ci:write")->str(), "ci:read,ci:write") << "writing includes reading";
  EXPECT_FALSE(Permissions::parse(""));
  EXPECT_FALSE(Permissions::parse("ci:read,everything"));
  EXPECT_EQ(Permissions::parse("admin")->str(), "ci:read,ci:write,scripts:read,scripts:write,admin")
      << "includes all";
  EXPECT_FALSE(Permissions::all().admin);
}

}  // namespace
}  // namespace kiln::model
