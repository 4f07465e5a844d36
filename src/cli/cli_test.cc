#include "cli/cli.h"

#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <sstream>

#include "cli/repository.h"
#include "cli/server.h"
#include "testing/fake_clock.h"
#include "testing/temp_dir.h"

namespace kiln::cli {
namespace {

constexpr const char* kAccount = "0123456789abcdef0123456789abcdef";
constexpr const char* kBuild = "11111111-2222-4333-8444-555555555555";

// Answers in the order given and remembers what was asked.
class ScriptedHttp final : public HttpClient {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    asked.push_back(request);
    if (answers.empty()) return fail(Errc::unavailable, "refused");
    HttpResponse response;
    response.status = answers.front().first;
    const std::string body = answers.front().second;
    answers.pop_front();
    if (request.on_data) {
      (void)request.on_data(body);
    } else {
      response.body = body;
    }
    return response;
  }
  std::deque<std::pair<int, std::string>> answers;
  std::vector<HttpRequest> asked;
};

class CommandLine : public ::testing::Test {
 protected:
  void serve() {
    std::ofstream(folder_.path() / "server.json")
        << R"({"account_id":")" << kAccount
        << R"(","api_base_url":"http://127.0.0.1:1/client/v4","pid":1,"version":"1"})";
  }
  int run(std::vector<std::string> words) {
    words.insert(words.begin(), "kiln");
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    out_.str("");
    err_.str("");
    Context context{http_, processes_, clock_, out_, err_, Style{}, folder_.path(), {}, false, kDone};
    return run_in(context, static_cast<int>(argv.size()), argv.data(), "1.2.3", {});
  }

  testing::TempDir folder_;
  ScriptedHttp http_;
  SystemProcesses processes_;
  testing::FakeClock clock_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CommandLine, WrongUsageIsTwoAndHelpIsZero) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(run({"nonsense"}), 2);
  EXPECT_EQ(run({"build"}), 2);
  EXPECT_EQ(run({"build", "w", "--branch", "b", "--commit", "c"}), 2);
  EXPECT_EQ(run({"which", "no-uuid"}), 2);
  EXPECT_EQ(run({"--help"}), 0);
  for (const char* word :
       {"status", "token", "connect", "builds", "logs", "cancel", "retry", "which", "Examples"}) {
    EXPECT_NE(out_.str().find(word), std::string::npos) << word;
  }
}

TEST_F(CommandLine, SaysHowToStartAServerWhenNoneRuns) {
  EXPECT_EQ(run({"status"}), 1);
  EXPECT_NE(err_.str().find("kiln serve --data-dir"), std::string::npos);
  serve();  // its file was left behind by a crash
  EXPECT_EQ(run({"status"}), 1);
  EXPECT_NE(err_.str().find("kiln serve --data-dir"), std::string::npos);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(CommandLine, StatusHasWhatScriptsRead) {
  serve();
  http_.answers = {{200, R"({"success":true,"errors":[],"messages":[],"result":{"version":"2"}})"}};
  EXPECT_EQ(run({"status", "--json"}), 0);
  EXPECT_NE(out_.str().find(kAccount), std::string::npos);
  EXPECT_NE(out_.str().find("\"version\": \"2\""), std::string::npos);
  EXPECT_NE(out_.str().find("api_base_url"), std::string::npos);
  EXPECT_EQ(http_.asked[0].unix_socket, (folder_.path() / "control.sock").string());
}

TEST_F(CommandLine, TokenCreatePrintsTheTokenAlone) {
  serve();
  http_.answers = {{200, R"({"success":true,"result":{"id":"i","token":"kiln_x"}})"}};
  EXPECT_EQ(run({"token", "create", "--name", "n", "--permissions", "ci:read"}), 0);
  EXPECT_EQ(out_.str(), "kiln_x\n");
  EXPECT_NE(http_.asked[0].body.find("\"permissions\":\"ci:read\""), std::string::npos);
}

TEST_F(CommandLine, ShowsTheServersOwnWordsOfARefusal) {
  serve();
  http_.answers = {
      {409,
       R"({"success":false,"errors":[{"code":12004,"message":"the build is \u001b[2Jover"}],"result":null})"}};
  EXPECT_EQ(run({"cancel", kBuild}), 1);
  EXPECT_EQ(err_.str(), "kiln: the build is over\n");
  EXPECT_EQ(http_.asked[0].method, "PUT");
}

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
  EXPECT_EQ(err_.str(), "kiln: Not found\n");
}

TEST_F(CommandLine, PrintsALogPageByPage) {
  serve();
  http_.answers = {
      {200, R"({"success":true,"result":{"lines":[[0,"one"]],"cursor":"a b","truncated":true}})"},
      {200, R"({"success":true,"result":{"lines":[[0,"two"]],"cursor":"c","truncated":false}})"}};
  EXPECT_EQ(run({"logs", kBuild}), 0);
  EXPECT_TRUE(http_.asked[1].url.ends_with("/logs?cursor=a%20b"));
  EXPECT_NE(out_.str().find("two\n"), std::string::npos);
}

TEST_F(CommandLine, WhichNamesTheBuildOrSaysThereIsNone) {
  serve();
  const std::string version = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
  http_.answers = {
      {200, R"({"success":true,"result":{"builds":{")" + version + R"(":{"build_uuid":")" + kBuild +
                R"(","build_outcome":"success","trigger":{"trigger_name":"Deploy main"},)"
                R"("preview_url":"http://aaaaaaaa-hello.dev.localhost:8788","preview_alias_url":null,)"
                R"("build_trigger_metadata":{"branch":"main","commit_hash":"abc","author":"Ada"}}}}})"},
      {200, R"({"success":true,"result":{"builds":{}}})"}};
  EXPECT_EQ(run({"which", "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE"}), 0) << err_.str();
  for (const char* word : {kBuild, "main", "abc", "Ada", "Deploy main", "kiln logs",
                           "http://aaaaaaaa-hello.dev.localhost:8788"}) {
    EXPECT_NE(out_.str().find(word), std::string::npos) << word;
  }
  EXPECT_EQ(out_.str().find("alias"), std::string::npos);
  EXPECT_EQ(run({"which", version}), 1);
}

TEST_F(CommandLine, ConnectInstallsTheHookAndRefusesWorkTrees) {
  serve();
  const std::filesystem::path bare = folder_.path() / "a b.git";
  const std::filesystem::path work = folder_.path() / "work";
  for (const auto& part : {bare / "objects", bare / "refs", work / ".git"})
    std::filesystem::create_directories(part);
  std::ofstream(bare / "HEAD") << "ref: refs/heads/main\n";
  http_.answers = {{200, R"({"success":true,"result":{"worker":{"name":"w","tag":"t"},"triggers":[],)"
                         R"("hook":{"kind":"git","url":"http://127.0.0.1:1/h","secret":"s3"}}})"},
                   {200, R"({"success":true,"result":{"worker":{"name":"w","tag":"t"},"triggers":[],)"
                         R"("hook":{"kind":"github","url":"http://127.0.0.1:1/g","secret":"s4"}}})"}};
  EXPECT_EQ(run({"connect", bare.string(), "--worker", "w", "--build-command", "npm run build"}), 0)
      << err_.str();
  EXPECT_TRUE(std::filesystem::exists(bare / "hooks" / "post-receive"));
  EXPECT_NE(http_.asked[0].body.find("\"build_command\":\"npm run build\""), std::string::npos);
  EXPECT_EQ(out_.str().find("s3"), std::string::npos);
  EXPECT_EQ(run({"connect", "https://example.com/a/b", "--worker", "w"}), 0) << err_.str();
  EXPECT_NE(out_.str().find("s4"), std::string::npos);
  EXPECT_EQ(run({"connect", work.string(), "--worker", "w"}), 1);
  EXPECT_NE(err_.str().find("git clone --bare"), std::string::npos);
  EXPECT_EQ(run({"connect", "ext::sh -c id", "--worker", "w"}), 1);
}

TEST(SshAddress, ReadsBothForms) {
  EXPECT_EQ(ssh_address("ssh://git@h:2222/srv/a.git")->port, "2222");
  EXPECT_EQ(ssh_address("ssh://git@h/srv/a.git")->path, "/srv/a.git");
  EXPECT_EQ(ssh_address("git@h:a/b.git")->host, "git@h");
  EXPECT_FALSE(ssh_address("https://h/a"));
  EXPECT_FALSE(ssh_address("/srv/a"));
}

}  // namespace
}  // namespace kiln::cli
