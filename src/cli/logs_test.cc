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
  const std::string worker = R"({"success":true,"result":{"id":"7a6","name":"my shop"}})";
  http_.answers = {
      {200, worker},
      {200, R"({"success":true,"result":{"builds":[{"build_uuid":")" + std::string(kBuild) + R"("},{}]}})"},
      {200, R"({"success":true,"result":{"lines":[[0,"one"]],"cursor":"1","truncated":false}})"}};
  EXPECT_EQ(run({"logs", "my shop", "--json"}), 0) << err_.str();
  EXPECT_TRUE(http_.asked[0].url.ends_with("/workers/my%20shop")) << http_.asked[0].url;
  EXPECT_TRUE(http_.asked[1].url.ends_with("/list?limit=1&script_tag=7a6")) << http_.asked[1].url;
  EXPECT_NE(http_.asked[2].url.find(kBuild), std::string::npos);
  EXPECT_EQ(out_.str(), "[0,\"one\"]\n");
  http_.answers = {{200, worker}, {200, R"({"success":true,"result":{"builds":[]}})"}};
  EXPECT_EQ(run({"logs", "shop"}), kFailed);
  EXPECT_NE(err_.str().find("kiln build shop"), std::string::npos);
}

const std::string kNoWorker =
    R"({"success":false,"errors":[{"code":10007,"message":"This Worker does not exist."}],"result":null})";

TEST_F(CommandLine, AShortenedBuildIdIsTakenForWhatItIs) {
  serve();
  const std::string lines =
      R"({"success":true,"result":{"lines":[[0,"one"]],"cursor":"1","truncated":false}})";
  const auto ids = [](const std::string& list) {
    return R"({"success":true,"result":{"ids":[)" + list + "]}}";
  };
  const std::string one = R"({"kind":"build","id":")" + std::string(kBuild) + R"(","worker_name":"shop"})";
  const std::string other =
      R"({"kind":"build","id":"11111111-3222-4333-8444-555555555555","worker_name":"web"})";
  const std::string scripts = R"({"success":true,"result":[{"id":"shop"}]})";
  http_.answers = {{404, kNoWorker}, {200, scripts}, {200, ids(one)}, {200, lines}};
  EXPECT_EQ(run({"logs", "1111-1", "--json"}), kDone) << err_.str();
  EXPECT_TRUE(http_.asked[2].url.ends_with("/ids?kind=build&beginning=1111-1")) << http_.asked[2].url;
  EXPECT_EQ(out_.str(), "[0,\"one\"]\n");
  http_.answers = {{404, kNoWorker}, {200, scripts}, {200, ids(one + "," + other)}};
  EXPECT_EQ(run({"logs", "1111"}), kFailed);
  EXPECT_EQ(err_.str(),
            "kiln: 2 ids begin with 1111: 11111111-2222 (shop), 11111111-3222 (web); write more of it\n");
  http_.answers = {{404, kNoWorker}, {200, scripts}, {200, ids("")}};
  EXPECT_EQ(run({"logs", "efb4"}), kFailed);
  EXPECT_EQ(err_.str(), "kiln: there is no build efb4 here; `kiln builds` lists what there is\n");
}

TEST_F(CommandLine, AWorkerThatIsMistypedIsNamed) {
  serve();
  http_.answers = {{404, kNoWorker}, {200, R"({"success":true,"result":[{"id":"web"},{"id":"shop"}]})"}};
  EXPECT_EQ(run({"logs", "shpo"}), kFailed);
  EXPECT_EQ(err_.str(), "kiln: there is no Worker shpo here; did you mean shop? `kiln workers` lists them\n");
}

TEST_F(CommandLine, PrintsTheFailedStepAlone) {
  serve();
  const std::string detail =
      R"({"success":true,"result":{"summary":{"sentence":"It failed."},"steps":[)"
      R"({"step":"install","state":"done","first_line":4},{"step":"build","state":"failed","first_line":9},)"
      R"({"step":"save","state":"done","first_line":11}]}})";
  const std::string lines =
      R"({"success":true,"result":{"first":9,"lines":[[0,"a","build"],[0,"b","service"]]}})";
  http_.answers = {{200, detail}, {200, lines}};
  EXPECT_EQ(run({"logs", kBuild, "--failed", "--json"}), kDone) << err_.str();
  EXPECT_TRUE(http_.asked[1].url.ends_with("/logs/lines?from=9&count=2")) << http_.asked[1].url;
  EXPECT_EQ(out_.str(), "[0,\"a\"]\n[0,\"b\"]\n");
  http_.answers = {{200, R"({"success":true,"result":{"summary":{"sentence":"Built."},"steps":[]}})"}};
  EXPECT_EQ(run({"logs", kBuild, "--failed"}), kFailed);
  EXPECT_NE(err_.str().find("no step of this build failed: Built."), std::string::npos) << err_.str();
}

}  // namespace
}  // namespace kiln::cli
