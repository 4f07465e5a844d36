#include "runner/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "runner/fakes_for_test.h"
#include "runner/service.h"
#include "testing/fake_clock.h"

namespace kiln::runner {
namespace {

using model::BuildOutcome;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class JobTest : public ::testing::Test {
 protected:
  JobTest() {
    job_.build_uuid = Uuid::parse("aaaaaaaa-1111-4111-8111-111111111111").value();
    job_.lease_id = Uuid::parse("bbbbbbbb-1111-4111-8111-111111111111").value();
    job_.account_id = "account";
    job_.worker_tag = "tag";
    job_.worker_name = "hello";
    job_.clone_url = "https://user:gitpassword@git.example/a/b.git";
    job_.branch = "main";
    job_.commit_hash = std::string(40, 'c');
    job_.build_command = "make";
    job_.deploy_command = "ship";
    job_.api_token = "build-token-value";
    job_.api_base_url = "http://127.0.0.1:1/client/v4";
    server_.uploaded = 1;
  }

  void run() {
    Slot slot(workshop_, 0);
    slot.run(job_, stop_);
  }
  BuildOutcome outcome() {
    EXPECT_EQ(server_.ends.size(), 1U);
    return server_.ends.empty() ? BuildOutcome::skipped : server_.ends[0].outcome;
  }
  std::vector<std::string> shell_commands() {
    std::vector<std::string> commands;
    for (const Command& command : stage_.commands) {
      if (command.argv.size() == 3 && command.argv[1] == "-c") commands.push_back(command.argv[2]);
    }
    return commands;
  }

  testing::FakeClock clock_;
  fakes::Server server_;
  fakes::Stage stage_;
  fakes::Repository repository_;
  fakes::ScriptedSandboxes sandboxes_{stage_};
  fakes::ValueTools tools_;
  Workshop workshop_{
      clock_,
      server_,
      sandboxes_,
      tools_,
      [this](const model::JobSpec&) { return std::make_unique<fakes::RepositorySource>(repository_); },
      "/builds",
      "/tools",
      "/agent",
      {{"npm_config_registry", "http://registry"}}};
  model::JobSpec job_;
  StopSwitch stop_;
};

TEST_F(JobTest, ASuccessUsesTheHostedServicesWordsInOrder) {
  run();
  EXPECT_EQ(outcome(), BuildOutcome::success);
  EXPECT_THAT(server_.lines,
              ElementsAre("Initializing build environment...",
                          "Success: Finished initializing build environment", "Cloning repository...",
                          "Detected the following tools from environment: npm@11.2.0, nodejs@24.1.0",
                          HasSubstr("No dependencies to install"), "Executing user build command: make",
                          "Success: Build command completed", "Executing user deploy command: ship",
                          "Success: Deploy command completed", "Success! Build completed."));
  EXPECT_THAT(server_.steps, ElementsAre(model::Step::build, model::Step::deploy, model::Step::deployed));
}

TEST_F(JobTest, InstallsByTheLockFileThatTheCheckoutHolds) {
  repository_.files["package.json"] = "{}";
  stage_.checkout_prints = "package.json\npackage-lock.json\n";
  run();
  EXPECT_THAT(shell_commands(), ElementsAre("npm clean-install --progress=false", "make", "ship"));
  EXPECT_THAT(server_.lines, Contains("Installing project dependencies: npm clean-install --progress=false"));
}

TEST_F(JobTest, SkipDependencyInstallLeavesTheInstallOut) {
  stage_.checkout_prints = "package.json\n";
  job_.environment = {{"SKIP_DEPENDENCY_INSTALL", "", false, 0}};
  run();
  EXPECT_THAT(shell_commands(), ElementsAre("make", "ship"));
}

TEST_F(JobTest, AFailingBuildCommandSaysItsExitCodeAndNothingIsDeployed) {
  stage_.plays["make"] = {"no rule\n", {7, 0, false}, false};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_TRUE(server_.has_line("Failed: error occurred while running build command"));
  EXPECT_TRUE(server_.has_line("exit code 7"));
  EXPECT_THAT(shell_commands(), ElementsAre("make"));
}

TEST_F(JobTest, ASignalIsNamed) {
  stage_.plays["make"] = {"", {0, 11, false}, false};
  run();
  EXPECT_TRUE(server_.has_line("signal 11 (SIGSEGV)"));
}

TEST_F(JobTest, AFailingInstallEndsTheBuild) {
  stage_.checkout_prints = "package.json\n";
  stage_.plays["npm install --progress=false"] = {"", {1, 0, false}, false};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_TRUE(server_.has_line("Failed: error occurred while installing tools or dependencies"));
  EXPECT_TRUE(shell_commands().size() == 1);
}

TEST_F(JobTest, AVersionThatCannotBeHadIsNamedWithWhoAskedForIt) {
  repository_.files[".nvmrc"] = "99\n";
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_TRUE(server_.has_line("Failed: error occurred while installing tools or dependencies"));
  EXPECT_TRUE(server_.has_line("asked for by .nvmrc"));
}

TEST_F(JobTest, AMissingRootDirectoryIsNamedWithTheCommit) {
  job_.root_directory = "/apps/web/";
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_TRUE(server_.has_line("apps/web"));
  EXPECT_TRUE(server_.has_line(job_.commit_hash));
  EXPECT_TRUE(stage_.commands.empty());
}

TEST_F(JobTest, CommandsRunInTheRootDirectory) {
  job_.root_directory = "apps/web";
  repository_.folders = {"apps/web"};
  run();
  EXPECT_EQ(stage_.commands.at(1).directory, "/opt/buildhome/repo/apps/web");
}

TEST_F(JobTest, AnEscapingRootDirectoryIsRefused) {
  job_.root_directory = "apps/../../etc";
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_TRUE(stage_.commands.empty());
}

TEST_F(JobTest, AMissingBuildTokenFailsTheBuildBeforeAnyCommand) {
  job_.build_token_missing = true;
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_TRUE(server_.has_line("Failed: The build token selected for this build has been deleted or rolled"));
  EXPECT_TRUE(stage_.commands.empty());
}

TEST_F(JobTest, AFailingFetchShowsGitsOwnWords) {
  repository_.fetch_error =
      Error{Errc::unavailable, "fatal: unable to access: Could not resolve host: git.example", {}};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_TRUE(server_.has_line("Could not resolve host: git.example"));
}

TEST_F(JobTest, ASandboxThatDoesNotStartFailsInClearWords) {
  stage_.starts = false;
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_TRUE(server_.has_line("No permissions to create a new namespace"));
}

TEST_F(JobTest, SecretsAreMaskedEverywhere) {
  job_.environment = {{"KEY", "very-hidden", true, 0}, {"SHOWN", "visible", false, 0}};
  job_.build_command = "echo very-hidden";
  stage_.plays["echo very-hidden"].prints = "very-hidden build-token-value gitpassword visible\n";
  run();
  EXPECT_THAT(server_.lines, Contains("*** *** *** visible"));
  EXPECT_THAT(server_.lines, Contains("Executing user build command: echo ***"));
  for (const std::string& line : server_.lines) EXPECT_THAT(line, Not(HasSubstr("very-hidden")));
}

TEST_F(JobTest, TheTimeLimitTerminatesAndSaysIt) {
  job_.timeout_ms = 50;
  stage_.plays["make"] = {"before\n", {}, true};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::terminated);
  EXPECT_THAT(server_.lines, Contains("before"));
  EXPECT_THAT(server_.lines, Contains("Build was timed out"));
  EXPECT_TRUE(server_.has_line("0.1 s"));
  EXPECT_THAT(shell_commands(), ElementsAre("make"));
}

TEST_F(JobTest, ACancelStopsTheCommandAndTellsTheServerNothingMore) {
  stage_.plays["make"] = {"started\n", {}, true};
  std::jthread canceller([this] {
    server_.wait_for_line("started");
    server_.take_lease();
  });
  run();
  EXPECT_TRUE(server_.ends.empty());
  EXPECT_EQ(stop_.reason(), StopReason::lease_lost);
  EXPECT_THAT(shell_commands(), ElementsAre("make"));
}

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

TEST_F(JobTest, TheLastLinesSayWhatLimitsDidAndWhatWasUsed) {
  stage_.usage = {.memory_peak = 312U << 20U, .cpu_us = 4'100'000, .written = 0, .processes_peak = 2};
  stage_.harm = {.memory_kills = 2};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::success) << "it went on without what was ended";
  EXPECT_TRUE(server_.has_line("Memory limit of 8 GiB reached: the kernel ended 2 processes"));
  EXPECT_TRUE(server_.has_line("Used at most 312 MiB of memory and 2 processes, 4.1 s of CPU time"));
  EXPECT_EQ(server_.lines.back(), "Success! Build completed.");
  EXPECT_EQ(server_.ends.at(0).usage.cpu_ms, 4'100);
}

TEST_F(JobTest, ALimitThatEndsTheWholeBuildTerminatesIt) {
  stage_.harm = {.disk_over = true, .whole_build = true};
  stage_.plays["make"] = {"", {0, 9, false}, false};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::terminated);
  EXPECT_EQ(server_.ends.at(0).reason, "disk limit of 20 GiB");
}

TEST_F(JobTest, ALaterAttemptSaysSo) {
  job_.attempt = 2;
  run();
  EXPECT_TRUE(server_.has_line("attempt 2"));
}

TEST_F(JobTest, ALoopClaimsOneBuildAfterAnotherAndStopsAtOnce) {
  server_.jobs = {job_, job_};
  JobLoop loop(workshop_, "runner", 2);
  loop.start();
  {
    std::unique_lock lock(server_.mutex);
    server_.changed.wait(lock, [this] { return server_.ends.size() == 2; });
  }
  loop.stop();
}

}  // namespace
}  // namespace kiln::runner
