#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/steps/checkout.h"
#include "runner/steps/environment.h"
#include "runner/steps/exit_words.h"
#include "runner/steps/uploads.h"

namespace kiln::runner {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(SparsePatterns, AreTheRootItsFriendsAndTheFilesAboveThem) {
  EXPECT_EQ(sparse_patterns("apps/web", std::nullopt), "");
  EXPECT_EQ(sparse_patterns("", std::vector<std::string>{"libs"}), "");
  EXPECT_EQ(sparse_patterns("web", std::vector<std::string>{"."}), "/*\n!/*/\n/web/\n");
  EXPECT_EQ(sparse_patterns("apps/web", std::vector<std::string>{"libs/ui/", "../x", "a*b"}),
            "/*\n!/*/\n/apps/\n!/apps/*/\n/libs/\n!/libs/*/\n/a\\*b/\n/apps/web/\n/libs/ui/\n");
}

model::JobSpec a_job() {
  model::JobSpec job;
  job.account_id = "account";
  job.worker_tag = "tag";
  job.worker_name = "hello";
  job.branch = "main";
  job.api_token = "minted";
  job.api_base_url = "http://127.0.0.1:1/client/v4";
  return job;
}

TEST(Environment, HoldsTheDocumentedVariables) {
  EnvironmentFacts facts;
  facts.commit = "abc";
  facts.tool_folders = {"/opt/kiln/tools/node/24.1.0/bin"};
  const auto variables = command_environment(a_job(), facts);
  for (const char* expected :
       {"CI=true", "WORKERS_CI=1", "WORKERS_CI_COMMIT_SHA=abc", "WORKERS_CI_BRANCH=main",
        "CLOUDFLARE_ACCOUNT_ID=account", "CLOUDFLARE_API_TOKEN=minted",
        "CLOUDFLARE_API_BASE_URL=http://127.0.0.1:1/client/v4", "WRANGLER_CI_MATCH_TAG=tag",
        "WRANGLER_CI_OVERRIDE_NAME=hello", "WRANGLER_CI_GENERATE_PREVIEW_ALIAS=true", "HOME=/opt/buildhome",
        "FORCE_COLOR=1", "LANG=C.UTF-8"}) {
    EXPECT_THAT(variables, Contains(expected));
  }
  EXPECT_THAT(variables, Contains(StartsWith("PATH=/opt/kiln/tools/node/24.1.0/bin:")));
  EXPECT_THAT(variables, Contains(StartsWith("WRANGLER_OUTPUT_FILE_PATH=/opt/buildhome/")));
  EXPECT_THAT(variables, Not(Contains(StartsWith("TERM="))));
  EXPECT_THAT(variables, Not(Contains(StartsWith("TRACEPARENT="))));
  facts.trace_parent = "00-11-22-01";
  EXPECT_THAT(command_environment(a_job(), facts), Contains("TRACEPARENT=00-11-22-01"));
}

TEST(Environment, ABranchNamedLikeAVersionGetsNoAlias) {
  model::JobSpec job = a_job();
  for (const char* branch : {"deadbeef", "DeadBeef", "_deadbeef", "#deadbeef--", "deadbeef/+"}) {
    job.branch = branch;
    EXPECT_THAT(command_environment(job, {}),
                Not(Contains(StartsWith("WRANGLER_CI_GENERATE_PREVIEW_ALIAS="))));
  }
  for (const char* branch : {"deadbeef-1", "dead.beef", "deadbee", "feature/x", "-"}) {
    job.branch = branch;
    EXPECT_THAT(command_environment(job, {}), Contains("WRANGLER_CI_GENERATE_PREVIEW_ALIAS=true"));
  }
}

TEST(Environment, ABuildWithoutAWorkerLeavesItsNameToTheProject) {
  model::JobSpec job = a_job();
  job.worker_name.clear();
  const auto variables = command_environment(job, {});
  EXPECT_THAT(variables, Not(Contains(StartsWith("WRANGLER_CI_MATCH_TAG="))));
  EXPECT_THAT(variables, Not(Contains(StartsWith("WRANGLER_CI_OVERRIDE_NAME="))));
}

TEST(Environment, ATriggerOverridesAllButTokenAccountAddressAndOutputFile) {
  model::JobSpec job = a_job();
  job.environment = {{"CI", "no", false, 0},
                     {"npm_config_registry", "mine", false, 0},
                     {"CLOUDFLARE_API_TOKEN", "stolen", false, 0},
                     {"CLOUDFLARE_ACCOUNT_ID", "other", false, 0},
                     {"CLOUDFLARE_API_BASE_URL", "http://evil", false, 0},
                     {"WRANGLER_OUTPUT_FILE_PATH", "/x", false, 0},
                     {"A=B", "broken", false, 0}};
  EnvironmentFacts facts;
  facts.operator_environment = {{"npm_config_registry", "http://registry"}};
  const auto variables = command_environment(job, facts);
  EXPECT_THAT(variables, Contains("CI=no"));
  EXPECT_THAT(variables, Contains("npm_config_registry=mine"));
  EXPECT_THAT(variables, Contains("CLOUDFLARE_API_TOKEN=minted"));
  EXPECT_THAT(variables, Contains("CLOUDFLARE_ACCOUNT_ID=account"));
  EXPECT_THAT(variables, Not(Contains(HasSubstr("evil"))));
  EXPECT_THAT(variables, Not(Contains("WRANGLER_OUTPUT_FILE_PATH=/x")));
  EXPECT_THAT(variables, Not(Contains(HasSubstr("broken"))));
  job.api_base_url.clear();
  EXPECT_THAT(command_environment(job, facts), Not(Contains(StartsWith("CLOUDFLARE_API_BASE_URL="))));
}

TEST(Environment, OfAnOutsideTargetTheOperatorSaysTheAddressAndNobodyKnowsTheTag) {
  model::JobSpec job = a_job();
  job.api_base_url.clear();
  job.environment = {{"CLOUDFLARE_API_BASE_URL", "http://evil", false, 0}};
  EnvironmentFacts facts;
  facts.operator_environment = {{"CLOUDFLARE_API_BASE_URL", "http://127.0.0.1:2/client/v4"}};
  const auto variables = command_environment(job, facts);
  EXPECT_THAT(variables, Contains("CLOUDFLARE_API_BASE_URL=http://127.0.0.1:2/client/v4"));
  EXPECT_THAT(variables, Contains("WRANGLER_CI_OVERRIDE_NAME=hello"));
  EXPECT_THAT(variables, Not(Contains(StartsWith("WRANGLER_CI_MATCH_TAG="))));
  job.api_base_url = "http://127.0.0.1:1/client/v4";
  EXPECT_THAT(command_environment(job, facts),
              Contains("CLOUDFLARE_API_BASE_URL=http://127.0.0.1:1/client/v4"));
}

TEST(ExitWords, SayWhatItMeans) {
  EXPECT_EQ(exit_words({7, 0, false}), "ended with exit code 7");
  EXPECT_THAT(exit_words({127, 0, false}), HasSubstr("not found"));
  EXPECT_THAT(exit_words({137, 0, false}), HasSubstr("memory"));
  EXPECT_EQ(exit_words({0, 11, false}), "was killed by signal 11 (SIGSEGV)");
}

TEST(Uploads, AreFoundInTheOutputFile) {
  const std::string first = "aaaaaaaa-1111-4111-8111-111111111111";
  const std::string second = "bbbbbbbb-1111-4111-8111-111111111111";
  const auto line = [](const std::string& type, const std::string& version) {
    return R"({"type":")" + type + R"(","version_id":")" + version + "\"}\n";
  };
  const std::vector<Uuid> both{*Uuid::parse(first), *Uuid::parse(second)};
  EXPECT_EQ(versions_named_in("{\"type\":\"wrangler-session\"}\n" + line("deploy", first) +
                              line("version-upload", second) + line("deploy", first)),
            both);
  EXPECT_THAT(versions_named_in(""), IsEmpty());
  EXPECT_THAT(versions_named_in(line("wrangler-session", first) + line("deploy", "no-uuid")), IsEmpty());
  EXPECT_THAT(versions_named_in("{\"type\":\"deploy\",\"version_id\":null}\n[[[[[[[[[[[[[[[[[[[[[[[[["),
              IsEmpty());
}

TEST(Checkout, OriginIsFetchedFromTheMirrorAndStillSaysWhereItIs) {
  EXPECT_EQ(mirrored_config("https://u:p@h/x.git"),
            "\turl = /opt/kiln/mirror\n\turl = \"https://h/x.git\"\n\tpushurl = \"https://h/x.git\"\n");
  EXPECT_EQ(mirrored_config("/srv/git/x.git"), "\turl = /opt/kiln/mirror\n");
  EXPECT_THAT(checkout_config(std::string(40, 'a'), mirrored_config("git@h:x.git")),
              HasSubstr("fetch = +refs/heads/*:refs/remotes/origin/*"));
}

}  // namespace
}  // namespace kiln::runner
