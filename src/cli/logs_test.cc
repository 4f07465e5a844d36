#include "cli/command_line_for_test.h"

namespace kiln::cli {
namespace {

TEST_F(CommandLine, FollowsALogAcrossARestartAndEndsLikeTheBuild) {
  serve();
  http_.answers = {
      {200, "data: [0,\"one\"]\ndata: [0,\"two\"]\nid: 2\n\n"},
      {200, "data: [0,\"three\"]\nid: 3\n\nevent: end\ndata: {\"build_outcome\":\"success\"}\n\n"}};
  EXPECT_EQ(run({"logs", kBuild, "--follow"}), 0) << err_.str();
  EXPECT_NE(out_.str().find("two\n"), std::string::npos);
  EXPECT_NE(out_.str().find("three\n"), std::string::npos);
  const std::pair<std::string, std::string> place = {"last-event-id", "2"};
  EXPECT_EQ(http_.asked[1].headers.back(), place);
  http_.answers = {{200, "event: end\ndata: {\"build_outcome\":\"fail\"}\n\n"}};
  EXPECT_EQ(run({"logs", kBuild, "--follow"}), 1);
  http_.answers = {
      {404, R"({"success":false,"errors":[{"code":12000,"message":"Not found"}],"result":null})"}};
  EXPECT_EQ(run({"logs", kBuild, "--follow"}), 1);
  EXPECT_EQ(err_.str(),
            "kiln: there is no build " + std::string(kBuild) + " here; `kiln builds` lists what there is\n");
}

TEST_F(CommandLine, PrintsALogPageByPage) {
  serve();
  http_.answers = {
      {200, R"({"success":true,"result":{"lines":[[0,"one"]],"cursor":"a b","truncated":true}})"},
      {200, R"({"success":true,"result":{"lines":[[0,"two"]],"cursor":"c","truncated":false}})"}};
  EXPECT_EQ(run({"logs", kBuild}), 0);
  EXPECT_TRUE(http_.asked[1].url.ends_with("/logs?origin=true&cursor=a%20b"));
  EXPECT_NE(out_.str().find("two\n"), std::string::npos);
}

TEST_F(CommandLine, ShowsWhichLinesTheServiceWrote) {
  serve();
  const std::string page =
      R"({"success":true,"result":{"lines":[[0,"Success: done","service"],[1500,"Success: done","build"]],)"
      R"("cursor":"2","truncated":false}})";
  http_.answers = {{200, page}, {200, page}, {200, page}};
  EXPECT_EQ(run({"logs", kBuild, "--timestamps"}), 0);
  EXPECT_TRUE(http_.asked[0].url.ends_with("/logs?origin=true"));
  EXPECT_EQ(out_.str(),
            "1970-01-01T00:00:00.000Z * Success: done\n1970-01-01T00:00:01.500Z   Success: done\n");
  EXPECT_EQ(run({"logs", kBuild, "--json"}), 0);
  EXPECT_EQ(out_.str(), "[0,\"Success: done\"]\n[1500,\"Success: done\"]\n");
  EXPECT_EQ(run({"logs", kBuild, "--json", "--origin"}), 0);
  EXPECT_EQ(out_.str(), "[0,\"Success: done\",\"service\"]\n[1500,\"Success: done\",\"build\"]\n");
}

TEST_F(CommandLine, ShowsTheLinesOfALogThatAreAskedFor) {
  serve();
  const std::string lines =
      R"({"success":true,"result":{"lines":[[0,"one"],[0,"a \u001b[1mt\u001b[0mwo"],[0,"three"],[0,"two"]],)"
      R"("cursor":"4","truncated":false}})";
  http_.answers = {{200, lines}, {200, lines}, {200, lines}};
  EXPECT_EQ(run({"logs", kBuild, "--json", "--tail", "2"}), 0);
  EXPECT_EQ(out_.str(), "[0,\"three\"]\n[0,\"two\"]\n");
  EXPECT_EQ(run({"logs", kBuild, "--json", "--grep", "two"}), 0);
  EXPECT_EQ(out_.str(), "[0,\"a \\u001b[1mt\\u001b[0mwo\"]\n[0,\"two\"]\n");
  http_.answers.emplace_back(
      200, "id: 5\ndata: [0,\"five\"]\n\nevent: end\ndata: {\"build_outcome\":\"success\"}\n\n");
  EXPECT_EQ(run({"logs", kBuild, "--json", "--tail", "1", "--follow"}), 0);
  EXPECT_EQ(out_.str(), "[0,\"two\"]\n[0,\"five\"]\n");
  const std::pair<std::string, std::string> place = {"last-event-id", "4"};
  EXPECT_EQ(http_.asked.back().headers.back(), place) << "no line twice";
}

TEST_F(CommandLine, AWorkersLogIsThatOfItsNewestBuild) {
  serve();
  http_.answers = {
      {200, R"({"success":true,"result":[{"build_uuid":")" + std::string(kBuild) + R"("},{}]})"},
      {200, R"({"success":true,"result":{"lines":[[0,"one"]],"cursor":"1","truncated":false}})"}};
  EXPECT_EQ(run({"logs", "my shop", "--json"}), 0) << err_.str();
  EXPECT_TRUE(http_.asked[0].url.ends_with("/builds?page=1&worker=my%20shop")) << http_.asked[0].url;
  EXPECT_NE(http_.asked[1].url.find(kBuild), std::string::npos);
  EXPECT_EQ(out_.str(), "[0,\"one\"]\n");
  http_.answers = {{200, R"({"success":true,"result":[]})"}};
  EXPECT_EQ(run({"logs", "shop"}), kFailed);
  EXPECT_NE(err_.str().find("kiln build shop"), std::string::npos);
}

TEST_F(CommandLine, AShortenedBuildIdIsTakenForWhatItIs) {
  serve();
  const std::string refusal =
      R"({"success":false,"errors":[{"code":12001,"message":"there is no Worker here"}],"result":null})";
  http_.answers = {{400, refusal}, {400, refusal}};
  EXPECT_EQ(run({"logs", "efb4eb72"}), kFailed);
  EXPECT_EQ(err_.str(),
            "kiln: efb4eb72 is neither a Worker nor a whole build id; `kiln builds` lists both\n");
  EXPECT_EQ(run({"logs", "shop"}), kFailed);
  EXPECT_EQ(err_.str(), "kiln: there is no Worker here\n");
}

}  // namespace
}  // namespace kiln::cli
