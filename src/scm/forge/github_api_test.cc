#include <gtest/gtest.h>

#include "scm/forge/apis.h"
#include "scm/forge/github_checks.h"
#include "scm/forge/github_for_test.h"
#include "scm/forge/report_words.h"

namespace kiln::scm {
namespace {

model::BuildReport report_of(model::ReportState state) {
  model::BuildReport report;
  report.build = *Uuid::parse("5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90");
  report.worker_name = "shop";
  report.branch = "main";
  report.commit = "9fceb02d0ae598e95dc970b74767f19372d61af8";
  report.state = state;
  report.created_on = 1'767'323'045'678;
  if (state != model::ReportState::queued) report.started_on = report.created_on + 1'000;
  if (model::is_final(state)) report.stopped_on = report.created_on + 61'000;
  report.sentence = "The build completed in 1 min.";
  report.build_url = "https://kiln.example/acc/workers/services/view/shop/production/builds/5f1c";
  report.worker_url = "https://kiln.example/acc/workers/services/view/shop/production";
  report.details_url = "https://kiln.example/?to=/acc/workers/services/view/shop/production/builds/5f1c";
  return report;
}

struct GithubApiTest : ::testing::Test {
  FakeGithub github;
  FakeGithub::Client client{github};
  const ForgeApi& api = github_api();
  ForgeAccess access{client, "https://api.example", "t1", true, "12", "4711", "acme/shop"};
};

TEST_F(GithubApiTest, ACheckRunIsMadeOnceAndThenKept) {
  const auto made = api.tell_build(access, report_of(model::ReportState::queued), {});
  ASSERT_TRUE(made) << made.error().message;
  const auto again = api.tell_build(access, report_of(model::ReportState::success), {*made, true});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, *made);
  ASSERT_EQ(github.runs.size(), 1U);
  const boost::json::object& run = github.runs.begin()->second;
  EXPECT_EQ(run.at("name"), "Workers Builds: shop");
  EXPECT_EQ(run.at("external_id"), "5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90");
  EXPECT_EQ(run.at("status"), "completed");
  EXPECT_EQ(run.at("conclusion"), "success");
  EXPECT_EQ(run.at("started_at"), "2026-01-02T03:04:06Z");
  EXPECT_EQ(run.at("completed_at"), "2026-01-02T03:05:06Z");
}

TEST_F(GithubApiTest, ARunWhoseAnswerWasLostIsFoundAgain) {
  github.faults = {{0, true, {}}};
  EXPECT_EQ(api.tell_build(access, report_of(model::ReportState::queued), {}).error().code,
            Errc::unavailable);
  const auto found = api.tell_build(access, report_of(model::ReportState::running), {"", true});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(github.runs.size(), 1U);
  EXPECT_EQ(github.runs.at(*found).at("status"), "in_progress");
}

TEST_F(GithubApiTest, EveryEndHasItsConclusion) {
  using model::ReportState;
  const std::vector<std::pair<ReportState, std::string>> table = {{ReportState::success, "success"},
                                                                  {ReportState::failure, "failure"},
                                                                  {ReportState::cancelled, "cancelled"},
                                                                  {ReportState::timed_out, "timed_out"},
                                                                  {ReportState::skipped, "skipped"}};
  for (const auto& [state, conclusion] : table)
    EXPECT_EQ(check_run_body(report_of(state), 0).at("conclusion"), json::value(conclusion));
  EXPECT_FALSE(check_run_body(report_of(ReportState::running), 0).contains("conclusion"));
}

TEST_F(GithubApiTest, ALiveBuildCanBeCancelledAndAnEndedOneCannot) {
  const json::array live = check_run_body(report_of(model::ReportState::running), 0).at("actions").as_array();
  ASSERT_EQ(live.size(), 1U);
  EXPECT_EQ(live.front().at("identifier"), "cancel");
  EXPECT_TRUE(check_run_body(report_of(model::ReportState::failure), 0).at("actions").as_array().empty());
  const json::object waits = check_run_body(report_of(model::ReportState::waiting_for_approval), 0);
  EXPECT_EQ(waits.at("actions").as_array().front().at("identifier"), "approve");
  EXPECT_EQ(waits.at("status"), "queued");
}

TEST_F(GithubApiTest, AnnotationsBeyondOneCallFollowAndNoneIsToldTwice) {
  model::BuildReport report = report_of(model::ReportState::failure);
  for (int i = 1; i <= 120; ++i) report.annotations.push_back({"src/a.ts", i, "wrong", false});
  const auto made = api.tell_build(access, report, {});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(github.calls.size(), 3U) << "50, 50 and 20";
  github.runs.at(*made)["output"].as_object()["annotations_count"] = 120;
  ASSERT_TRUE(api.tell_build(access, report, {*made, true}));
  EXPECT_FALSE(github.runs.at(*made).at("output").as_object().contains("annotations"));
}

TEST_F(GithubApiTest, APlainTokenTellsACommitStatus) {
  access.is_app = false;
  ASSERT_TRUE(api.tell_build(access, report_of(model::ReportState::failure), {}));
  ASSERT_EQ(github.statuses.size(), 1U);
  EXPECT_EQ(github.statuses.front().at("state"), "failure");
  EXPECT_EQ(github.statuses.front().at("context"), "Workers Builds: shop");
  EXPECT_TRUE(github.runs.empty());
}

TEST_F(GithubApiTest, SaysWhatATokensScopesAreNotGoodFor) {
  const auto lacks_with = [&](const std::string& scopes) {
    github.scopes = scopes;
    return api.check_token({client, "https://api.github.com", "t1"})
        .value_or(std::vector<std::string>{"refused"});
  };
  EXPECT_TRUE(lacks_with("repo").empty());
  EXPECT_TRUE(lacks_with("gist, repo, workflow").empty());
  EXPECT_TRUE(lacks_with("").empty()) << "a fine-grained token's are not told";
  EXPECT_EQ(lacks_with("gist").size(), 4U);
  const auto status_alone = lacks_with("repo:status, admin:repo_hook");
  ASSERT_EQ(status_alone.size(), 2U);
  EXPECT_NE(status_alone[1].find("comment"), std::string::npos) << status_alone[1];
  const auto of_public = lacks_with("public_repo, write:repo_hook");
  ASSERT_EQ(of_public.size(), 1U);
  EXPECT_NE(of_public[0].find("public repositories alone"), std::string::npos) << of_public[0];
}

TEST_F(GithubApiTest, TheCommentIsEditedInPlaceAndMadeAgainWhenItWasDeleted) {
  const std::string marker = comment_marker("acc");
  const auto made = api.tell_pull_request(access, 7, marker, "one", {});
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(api.tell_pull_request(access, 7, marker, "two", {*made, true}));
  ASSERT_EQ(github.comments.size(), 1U);
  EXPECT_EQ(github.comments.begin()->second.at("body"), json::value("two\n\n" + marker));
  github.comments.clear();
  const auto again = api.tell_pull_request(access, 7, marker, "three", {*made, true});
  ASSERT_TRUE(again);
  EXPECT_EQ(github.comments.size(), 1U);
}

TEST_F(GithubApiTest, OurCommentIsFoundByItsMarkerAtEitherEnd) {
  const std::string marker = comment_marker("acc");
  for (const std::string& body : {marker + "\nours", "ours\n\n" + marker + "\n", "ours\n\n" + marker}) {
    github.comments.clear();
    github.comments["9"] = {
        {"id", 9}, {"body", body}, {"performed_via_github_app", json::object{{"id", 12}}}};
    const auto told = api.tell_pull_request(access, 7, marker, "news", {"", true});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_EQ(*told, "9");
    EXPECT_EQ(github.comments.size(), 1U);
  }
}

TEST_F(GithubApiTest, ACommentThatAnotherWroteIsNotOurs) {
  const std::string marker = comment_marker("acc");
  github.comments["9"] = {{"id", 9}, {"body", marker + "\nmine"}, {"performed_via_github_app", nullptr}};
  const auto made = api.tell_pull_request(access, 7, marker, "ours", {"", true});
  ASSERT_TRUE(made);
  EXPECT_NE(*made, "9");
  EXPECT_EQ(github.comments.at("9").at("body"), json::value(marker + "\nmine"));
}

struct Refusal {
  int status;
  std::vector<std::pair<std::string, std::string>> headers;
  Errc code;
  std::string field;
};

TEST_F(GithubApiTest, WhatAnAnswerMeansIsReadOutOfItsStatusAndFields) {
  const std::vector<Refusal> table = {
      {500, {}, Errc::unavailable, "500"},
      {502, {}, Errc::unavailable, "502"},
      {401, {}, Errc::unauthenticated, "401"},
      {403, {}, Errc::forbidden, "403"},
      {403, {{"retry-after", "7"}}, Errc::rate_limited, "7"},
      {403,
       {{"x-ratelimit-remaining", "0"},
        {"x-ratelimit-reset", "1767323065"},
        {"date", "Fri, 02 Jan 2026 03:04:05 GMT"}},
       Errc::rate_limited,
       "20"},
      {403,
       {{"retry-after", "Fri, 02 Jan 2026 03:05:05 GMT"}, {"date", "Fri, 02 Jan 2026 03:04:05 GMT"}},
       Errc::rate_limited,
       "60"},
      {403, {{"x-ratelimit-remaining", "0"}}, Errc::rate_limited, ""},
      {429, {}, Errc::rate_limited, ""},
      {404, {}, Errc::not_found, "404"},
      {422, {}, Errc::invalid, "422"},
  };
  for (const Refusal& row : table) {
    github.faults = {{row.status, false, row.headers}};
    const auto told = api.tell_build(access, report_of(model::ReportState::queued), {});
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, row.code) << row.status;
    EXPECT_EQ(told.error().field, row.field) << row.status;
    EXPECT_NE(told.error().message.find("/repos/acme/shop/check-runs"), std::string::npos);
  }
}

TEST_F(GithubApiTest, ARenamedRepositoryIsToldWhereItIsNow) {
  github.faults = {{301, false, {{"location", "https://api.example/repos/acme/store/check-runs"}}}};
  ASSERT_TRUE(api.tell_build(access, report_of(model::ReportState::queued), {}));
  EXPECT_EQ(github.runs.size(), 1U);
  EXPECT_EQ(github.calls.back(), "POST /repos/acme/store/check-runs");
}

TEST_F(GithubApiTest, WhatAHostRepeatsOfOurTokenIsHidden) {
  github.good_token = "another";
  github.echo = true;
  access.token = "ghs_0123456789";
  const auto told = api.tell_build(access, report_of(model::ReportState::queued), {});
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().message.find("ghs_"), std::string::npos) << told.error().message;
  EXPECT_NE(told.error().message.find("[hidden]"), std::string::npos) << told.error().message;
}

TEST_F(GithubApiTest, CredentialsGoToNoOtherOrigin) {
  github.faults = {{301, false, {{"location", "https://elsewhere.example/repos/acme/shop/check-runs"}}}};
  EXPECT_EQ(api.tell_build(access, report_of(model::ReportState::queued), {}).error().field, "301");
  EXPECT_EQ(github.calls.size(), 1U);
}

TEST_F(GithubApiTest, WhatGoesRoundInCirclesEnds) {
  const FakeGithub::Fault moved{301, false, {{"location", "https://api.example/repos/acme/shop/check-runs"}}};
  github.faults = {moved, moved};
  EXPECT_FALSE(api.tell_build(access, report_of(model::ReportState::queued), {}));
  EXPECT_EQ(github.calls.size(), 2U);
}

TEST(GithubApi, KnowsWhereTheApisOfItsKindsStand) {
  const ForgeApi& api = github_api();
  EXPECT_EQ(api.api_url_of("https://github.com"), "https://api.github.com");
  EXPECT_EQ(api.api_url_of("https://acme.ghe.com"), "https://api.acme.ghe.com");
  EXPECT_EQ(api.api_url_of("https://git.acme.test:8443"), "https://git.acme.test:8443/api/v3");
}

}  // namespace
}  // namespace kiln::scm
