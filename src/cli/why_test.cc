// `kiln deliveries` and `kiln why` against a server whose answers are given.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <sstream>

#include "cli/command_line_for_test.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr const char* kDelivery = "8c2d7e41-3b5a-4f69-8d10-2e7f9a6b4c35";
constexpr const char* kProduction = "1b7f5c1e-93c2-4d0a-8f55-2f8f5d0e7a31";
constexpr const char* kPreviews = "2b7f5c1e-93c2-4d0a-8f55-2f8f5d0e7a31";
const std::string kCommit(40, 'a');

json::object verdict_of(const char* trigger, const char* name, const char* decision,
                        const std::string& branch = "feature/x") {
  return {{"trigger_uuid", trigger}, {"trigger_name", name},
          {"worker_name", "shop"},   {"script_tag", kAccount},
          {"branch", branch},        {"commit_hash", kCommit},
          {"decision", decision},    {"rule", "the branch patterns (main) do not include feature/x"},
          {"build_uuid", nullptr}};
}

json::object delivery_of(json::array verdicts, const std::string& branch = "feature/x") {
  return {
      {"delivery_uuid", kDelivery},
      {"repo_name", "shop"},
      {"provider_type", "github"},
      {"provider_delivery_id", "guid"},
      {"event", "push"},
      {"signature", "verified"},
      {"received_on", "2026-01-01T00:00:00.000Z"},
      {"repeated", 1},
      {"refs",
       json::array{json::object{
           {"ref", "refs/heads/" + branch}, {"branch", branch}, {"before", nullptr}, {"after", kCommit}}}},
      {"verdicts", std::move(verdicts)},
      {"notes", json::array{"a note"}}};
}

std::pair<int, std::string> ok(const json::value& result) {
  return {200, R"({"success":true,"result":)" + json::serialize(result) + "}"};
}

class WhyTest : public CommandLine {
 protected:
  [[nodiscard]] std::string url(std::size_t asked) const { return http_.asked.at(asked).url; }
  [[nodiscard]] bool printed(const std::string& words) const {
    return out_.str().find(words) != std::string::npos;
  }
};

TEST_F(WhyTest, PrintsEachVerdictTheRuleAndWhatToDo) {
  serve();
  http_.answers = {ok(json::array{delivery_of({verdict_of(kProduction, "Deploy main", "passed_over")})})};
  EXPECT_EQ(run({"why", "feature/x"}), kDone) << err_.str();
  EXPECT_NE(url(0).find("/deliveries?per_page=20&branch=feature%2Fx"), std::string::npos) << url(0);
  for (const std::string& words :
       {std::string("github push"), std::string("signature verified, came again once"),
        std::string("feature/x: new -> aaaaaaa"), std::string("passed over  shop: Deploy main\n"),
        std::string("    the branch patterns (main) do not include feature/x\n"),
        std::string("build it now: kiln why feature/x --build\n")}) {
    EXPECT_TRUE(printed(words)) << words << " in\n" << out_.str();
  }
}

TEST_F(WhyTest, FindsByCommitDeliveryAndTheSendersId) {
  serve();
  const json::value one = delivery_of({});
  http_.answers = {ok(json::array{one})};
  EXPECT_EQ(run({"why", "AAAAAAA"}), kDone);
  EXPECT_NE(url(0).find("&commit=AAAAAAA"), std::string::npos);
  http_.answers = {ok(one)};
  EXPECT_EQ(run({"why", kDelivery}), kDone);
  EXPECT_TRUE(url(1).ends_with(std::string("/builds/deliveries/") + kDelivery)) << url(1);
  http_.answers = {{404, R"({"success":false,"errors":[{"message":"Not found"}],"result":null})"},
                   ok(json::array{one})};
  EXPECT_EQ(run({"why", kDelivery}), kDone);
  EXPECT_NE(url(3).find(std::string("&provider_delivery_id=") + kDelivery), std::string::npos);
  http_.answers = {ok(json::array{}), ok(json::array{one})};
  EXPECT_EQ(run({"why", "cafe", "--json"}), kDone) << "a branch may look like a commit";
  EXPECT_NE(url(5).find("&branch=cafe"), std::string::npos);
  EXPECT_EQ(json::parse(out_.str()), json::value(json::array{one}));
}

TEST_F(WhyTest, SaysWhatToLookAtWhenNothingCame) {
  serve();
  json::object refused = delivery_of({});
  refused["signature"] = "refused";
  http_.answers = {ok(json::array{}), ok(json::array{}), ok(json::array{delivery_of({}), refused})};
  EXPECT_EQ(run({"why", "topic"}), kFailed);
  EXPECT_EQ(out_.str(), "");
  for (const std::string& words :
       {std::string("no delivery with the branch topic came"), std::string("git push"),
        std::string("kiln connect"), std::string("The last delivery came"),
        "was refused 1 day ago: kiln why " + std::string(kDelivery)}) {
    EXPECT_NE(err_.str().find(words), std::string::npos) << words << " in\n" << err_.str();
  }
  http_.answers = {ok(json::array{}), ok(json::array{}), ok(json::array{})};
  EXPECT_EQ(run({"why", "topic"}), kFailed);
  EXPECT_NE(err_.str().find("No delivery came at all yet."), std::string::npos);
}

TEST_F(WhyTest, BuildsWhatTheOnlyTriggerPassedOver) {
  serve();
  http_.answers = {ok(json::array{delivery_of({verdict_of(kProduction, "Deploy main", "passed_over")})}),
                   ok(json::object{{"build_uuid", kBuild}})};
  EXPECT_EQ(run({"why", "feature/x", "--build"}), kDone) << err_.str();
  EXPECT_EQ(http_.asked.at(1).method, "POST");
  EXPECT_TRUE(url(1).ends_with(std::string("/builds/triggers/") + kProduction + "/builds")) << url(1);
  EXPECT_EQ(json::parse(http_.asked[1].body),
            json::value(json::object{{"branch", "feature/x"}, {"commit_hash", kCommit}}));
  EXPECT_TRUE(printed(std::string("build ") + kBuild + " queued"));
}

TEST_F(WhyTest, BuildsOfADeliveryTheBranchThatIsMeant) {
  serve();
  const json::array both = {delivery_of({verdict_of(kProduction, "Deploy main", "passed_over", "one"),
                                         verdict_of(kProduction, "Deploy main", "passed_over", "two")})};
  http_.answers = {ok(both), ok(json::object{{"build_uuid", kBuild}})};
  EXPECT_EQ(run({"why", "two", "--build", "--json"}), kDone) << err_.str();
  ASSERT_EQ(http_.asked.size(), 2U);
  EXPECT_EQ(json::parse(http_.asked[1].body).at("branch").as_string(), "two");
  EXPECT_EQ(json::parse(out_.str()).at(0).at("build_uuid").as_string(), kBuild);
  http_.answers = {ok(both.front()), ok(json::object{{"build_uuid", kBuild}}),
                   ok(json::object{{"build_uuid", kBuild}})};
  EXPECT_EQ(run({"why", kDelivery, "--build"}), kDone) << "a delivery means all of its refs";
  EXPECT_EQ(http_.asked.size(), 5U);
}

TEST_F(WhyTest, BuildsWhatWasSkippedAndLeavesWhatPassedOver) {
  serve();
  http_.answers = {ok(json::array{delivery_of({verdict_of(kProduction, "Deploy main", "passed_over"),
                                               verdict_of(kPreviews, "Previews", "skipped")})}),
                   ok(json::object{{"build_uuid", kBuild}})};
  EXPECT_EQ(run({"why", "feature/x", "--build"}), kDone) << err_.str();
  ASSERT_EQ(http_.asked.size(), 2U);
  EXPECT_NE(url(1).find(kPreviews), std::string::npos);
}

TEST_F(WhyTest, APullRequestsNewsStandNotBeforeItsPush) {
  serve();
  json::object news = delivery_of({});
  news["event"] = "pull_request";
  const json::array both = {news, delivery_of({verdict_of(kProduction, "Deploy main", "skipped")})};
  http_.answers = {ok(both)};
  EXPECT_EQ(run({"why", "feature/x"}), kDone);
  EXPECT_TRUE(printed("github pull_request") && printed("note: a note") && printed("--build\n"))
      << out_.str();
  http_.answers = {ok(both), ok(json::object{{"build_uuid", kBuild}})};
  EXPECT_EQ(run({"why", "feature/x", "--build"}), kDone) << err_.str();
}

TEST_F(WhyTest, AsksWhichTriggerWhenSeveralPassedOver) {
  serve();
  const json::array both = {delivery_of({verdict_of(kProduction, "Deploy main", "passed_over"),
                                         verdict_of(kPreviews, "Releases", "passed_over")})};
  http_.answers = {ok(both)};
  EXPECT_EQ(run({"why", "feature/x"}), kDone);
  EXPECT_TRUE(printed("--build --trigger NAME, of \"Deploy main\", \"Releases\"")) << out_.str();
  http_.answers = {ok(both)};
  EXPECT_EQ(run({"why", "feature/x", "--build"}), kFailed);
  EXPECT_NE(err_.str().find("name one with --trigger: \"Deploy main\", \"Releases\""), std::string::npos);
  http_.answers = {ok(both), ok(json::object{{"build_uuid", kBuild}})};
  EXPECT_EQ(run({"why", "feature/x", "--build", "--trigger", "Releases"}), kDone) << err_.str();
  EXPECT_NE(http_.asked.back().url.find(kPreviews), std::string::npos);
  http_.answers = {ok(both)};
  EXPECT_EQ(run({"why", "feature/x", "--build", "--trigger", "Other"}), kFailed);
  EXPECT_EQ(run({"why", "feature/x", "--trigger", "Releases"}), kWrongUsage);
}

TEST_F(WhyTest, BuildsNothingOfWhatWasBuiltDeletedTaggedOrIsAForks) {
  serve();
  json::object deleted = verdict_of(kProduction, "Deploy main", "passed_over");
  deleted["commit_hash"] = nullptr;
  json::object fork = delivery_of({verdict_of(kProduction, "Deploy main", "passed_over")});
  fork["event"] = "pull_request";
  const json::array all = {
      delivery_of({verdict_of(kProduction, "Deploy main", "built"),
                   verdict_of(kPreviews, "Previews", "passed_over")}),
      delivery_of({deleted}), fork,
      delivery_of({verdict_of(kProduction, "Deploy main", "passed_over", "refs/tags/v1")})};
  for (const json::value& delivery : all) {
    http_.answers = {ok(json::array{delivery})};
    EXPECT_EQ(run({"why", "main", "--build"}), kFailed) << json::serialize(delivery);
    EXPECT_EQ(err_.str(), "kiln: nothing of this delivery is left to build\n");
  }
}

TEST_F(WhyTest, DeliveriesFit80Columns) {
  serve();
  json::object many = delivery_of({verdict_of(kProduction, "Deploy main", "passed_over")},
                                  "a-very-long-branch-name/that-goes-on");
  json::array& refs = many["refs"].as_array();
  for (int i = 0; i < 99; ++i) refs.push_back(refs[0]);
  http_.answers = {ok(json::object{{"id", kAccount}}), ok(json::array{many, delivery_of({})})};
  EXPECT_EQ(run({"deliveries", "shop"}), kDone) << err_.str();
  EXPECT_TRUE(url(0).ends_with("/workers/workers/shop")) << url(0);
  EXPECT_NE(url(1).find(std::string("script_tag=") + kAccount), std::string::npos) << url(1);
  std::istringstream lines(out_.str());
  for (std::string line; std::getline(lines, line);) {
    const auto characters =
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
    EXPECT_LE(characters, 80) << line;
  }
  EXPECT_TRUE(printed("no match") && printed(kDelivery) && printed("aaaaaaa") && printed("+99"))
      << out_.str();
}

TEST_F(WhyTest, ATerminalIsNotCommandedByWhatWasPushed) {
  serve();
  json::object hostile = verdict_of(kProduction, "\x1b[2Jname", "passed_over", "\x1b]0;x\x07");
  hostile["rule"] = "\x1b[2J\nforged";
  http_.answers = {ok(json::array{delivery_of({hostile}, "\x1b[31mx")})};
  EXPECT_EQ(run({"why", "x"}), kDone);
  EXPECT_EQ(out_.str().find('\x1b'), std::string::npos) << out_.str();
}

}  // namespace
}  // namespace kiln::cli
