// The deploy step of a build: what the server is told before and after it, and what it says of versions.
#include "runner/job_for_test.h"

namespace kiln::runner {
namespace {

using model::BuildOutcome;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(JobTest, NothingIsDeployedWithoutTheServersWord) {
  stage_.on_command = [this](const std::string& command) {
    if (command == "make") server_.take_lease();
  };
  run();
  EXPECT_THAT(shell_commands(), ElementsAre("make"));
  EXPECT_TRUE(server_.ends.empty());
}

TEST_F(JobTest, TheServerKnowsOfTheDeployBeforeItsCommandStarts) {
  stage_.on_command = [this](const std::string& command) {
    if (command != "ship") return;
    const std::lock_guard lock(server_.mutex);
    EXPECT_THAT(server_.steps, Contains(model::Step::deploy));
  };
  run();
  EXPECT_EQ(outcome(), BuildOutcome::success);
}

TEST_F(JobTest, ARouteThatTheServerRefusesFailsTheBuildBeforeItsDeploy) {
  job_.deploy_command = "npx wrangler deploy -c w.json";
  stage_.plays["head"].prints =
      R"({"routes": ["a.example/*", {"pattern": "b.example", "custom_domain": true}]})";
  server_.refused_routes = Error{Errc::not_offered, "a.example is in no zone.", {}};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_THAT(server_.routes,
              ElementsAre(wire::RouteAsked{false, "a.example/*"}, wire::RouteAsked{true, "b.example"}));
  EXPECT_THAT(server_.lines, Contains(HasSubstr("nothing was deployed")));
  EXPECT_THAT(server_.lines, Contains("a.example is in no zone."));
  EXPECT_THAT(shell_commands(), Not(Contains(job_.deploy_command)));
  EXPECT_THAT(server_.steps, Not(Contains(model::Step::deploy)));
}

TEST_F(JobTest, RoutesThatTheServerTakesAreDeployed) {
  job_.deploy_command = "npx wrangler deploy -c w.json --env staging";
  stage_.plays["head"].prints =
      R"({"routes": ["a.example/*"], "env": {"staging": {"route": "s.example/*"}}})";
  run();
  EXPECT_EQ(outcome(), BuildOutcome::success);
  EXPECT_THAT(server_.routes, ElementsAre(wire::RouteAsked{false, "s.example/*"}));
}

TEST_F(JobTest, ADeployIsToldAsDoneOnlyWhenItWas) {
  stage_.plays["ship"].end.exit_code = 3;
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_THAT(server_.steps, Not(Contains(model::Step::deployed)));
}

TEST_F(JobTest, AServerThatIsAwayForAMomentLosesNothing) {
  server_.failures_left = 4;
  run();
  EXPECT_EQ(outcome(), BuildOutcome::success);
  for (std::size_t i = 0; i < server_.seqs.size(); ++i) EXPECT_EQ(server_.seqs[i], static_cast<int>(i) + 1);
  EXPECT_EQ(server_.lines.back(), "Success! Build completed.");
}

TEST_F(JobTest, SaysWhereTheServerLetsTheVersionsAnswer) {
  server_.addresses = {{wire::AddressKind::production, "http://hello.dev.localhost:8788"},
                       {wire::AddressKind::version, "http://aaaaaaaa-hello.dev.localhost:8788"},
                       {wire::AddressKind::alias, "http://feature-hello.dev.localhost:8788"}};
  run();
  for (const char* line :
       {"Live at http://hello.dev.localhost:8788",
        "Preview of this version: http://aaaaaaaa-hello.dev.localhost:8788",
        "Preview of this branch: http://feature-hello.dev.localhost:8788", "Success! Build completed."}) {
    EXPECT_TRUE(server_.has_line(line)) << line;
  }
}

TEST_F(JobTest, SaysWhatTheServerNotesOfTheVersions) {
  server_.notes = {"It runs as of another day."};
  run();
  EXPECT_THAT(server_.lines, Contains("It runs as of another day."));
}

TEST_F(JobTest, AGreenDeployWithoutAVersionIsCalledOut) {
  server_.uploaded = 0;
  run();
  EXPECT_EQ(outcome(), BuildOutcome::success);
  EXPECT_TRUE(server_.has_line("Warning: no version was uploaded"));
}

TEST_F(JobTest, AGreenDeployWithoutAVersionFailsWhereTheTriggerWantsThat) {
  server_.uploaded = 0;
  job_.require_version = true;
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_TRUE(server_.has_line("Failed: no version was uploaded"));
  EXPECT_THAT(server_.steps, Not(Contains(model::Step::deployed)));
  EXPECT_FALSE(server_.has_line("Success! Build completed."));
}

TEST_F(JobTest, TellsTheServerWhatTheOutputFileClaimsOnlyOfAnOutsideTarget) {
  const std::string version = "cccccccc-1111-4111-8111-111111111111";
  stage_.plays["head"].prints = R"({"type":"deploy","version_id":")" + version + "\"}\n";
  run();
  EXPECT_TRUE(server_.claims.empty());
  job_.api_base_url.clear();
  run();
  EXPECT_THAT(server_.claims, ElementsAre(*Uuid::parse(version)));
}

}  // namespace
}  // namespace kiln::runner
