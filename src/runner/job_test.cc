// The steps of a build before its deploy, in the words of its log.
#include "base/hash.h"
#include "runner/job_for_test.h"

namespace kiln::runner {
namespace {

using model::BuildOutcome;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

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

TEST_F(JobTest, TellsItsStepsAsItEntersAndLeavesThem) {
  using model::StepName;
  run();
  std::vector<StepName> names;
  for (const auto& [ordinal, step] : server_.story) {
    names.push_back(step.step);
    EXPECT_EQ(step.state, model::StepState::done) << model::to_string(step.step);
    EXPECT_TRUE(step.stopped_on);
  }
  EXPECT_THAT(names, ElementsAre(StepName::initialize, StepName::clone, StepName::tools, StepName::build,
                                 StepName::deploy));
  EXPECT_EQ(server_.story[4].command, "make");
  EXPECT_EQ(server_.lines.at(static_cast<std::size_t>(server_.story[4].first_line) - 1),
            "Executing user build command: make");
  EXPECT_THAT(server_.tools, Contains(model::ToolUsed{"nodejs", "24.1.0"}));
}

TEST_F(JobTest, TellsWhatItIsMadeFromAsTheCommitHasIt) {
  repository_.files["package.json"] = R"({"packageManager": "pnpm@10.1.0"})";
  repository_.files["package-lock.json"] = "{}";
  repository_.files["pnpm-lock.yaml"] = "packages:\n\n  a@1.0.0:\n    resolution: {integrity: sha512-AA}\n";
  stage_.checkout_prints = "package.json\npackage-lock.json\npnpm-lock.yaml\n";
  run();
  ASSERT_TRUE(server_.materials);
  EXPECT_EQ(server_.materials->commit, job_.commit_hash);
  EXPECT_EQ(server_.materials->lock_file, "pnpm-lock.yaml");
  EXPECT_EQ(server_.materials->lock_sha256, sha256_hex(repository_.files["pnpm-lock.yaml"]));
  EXPECT_THAT(server_.materials->packages, ElementsAre(model::LockedPackage{"a", "1.0.0", "sha512-AA"}));
  EXPECT_EQ(server_.materials->packages_named, 1);
}

TEST_F(JobTest, AProjectWithoutALockFileIsMadeFromItsCommit) {
  run();
  ASSERT_TRUE(server_.materials);
  model::Materials expected;
  expected.repository = "https://git.example/a/b.git";  // without what it is asked with
  expected.commit = job_.commit_hash;
  EXPECT_EQ(*server_.materials, expected);
}

TEST_F(JobTest, SaysInOneSentenceWhyAStepFailed) {
  repository_.files["package.json"] = "{}";
  stage_.checkout_prints = "package.json\npackage-lock.json\n";
  stage_.plays["npm clean-install --progress=false"] = {
      "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and "
      "package-lock.json are in sync.\n",
      {1, 0, false},
      false};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::fail);
  EXPECT_EQ(server_.ends.at(0).words.sentence,
            "npm clean-install failed: lock file out of step with package.json");
  EXPECT_EQ(server_.ends.at(0).words.failed_step, model::StepName::install);
  EXPECT_EQ(server_.story.rbegin()->second.state, model::StepState::failed);
  EXPECT_EQ(server_.story.rbegin()->second.exit_code, 1);
}

TEST_F(JobTest, SaysTheExitCodeOfACommandThatSaidNothing) {
  stage_.plays["make"] = {"no rule\n", {7, 0, false}, false};
  run();
  EXPECT_EQ(server_.ends.at(0).words.sentence, "make failed: exit code 7");
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

}  // namespace
}  // namespace kiln::runner
