#include "cli/cli.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "base/child.h"
#include "base/fs.h"
#include "cli/command_line_for_test.h"
#include "cli/output.h"
#include "cli/repository.h"
#include "cli/server.h"
#include "testing/temp_dir.h"

namespace kiln::cli {
namespace {

TEST_F(CommandLine, WrongUsageIsTwoAndHelpIsZero) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(run({"nonsense"}), 2);
  EXPECT_EQ(run({"build"}), 2);
  EXPECT_EQ(run({"build", "w", "--branch", "b", "--commit", "c"}), 2);
  EXPECT_EQ(run({"--help"}), 0);
  for (const char* word : {"status", "token", "connect", "builds", "deliveries", "why", "logs", "cancel",
                           "retry", "which", "Examples"}) {
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

TEST_F(CommandLine, NamesWhatWasNotFoundAndTheCommandThatLists) {
  serve();
  const std::string refusal =
      R"({"success":false,"errors":[{"code":12000,"message":"Not found"}],"result":null})";
  const std::string no_build =
      "kiln: there is no build " + std::string(kBuild) + " here; `kiln builds` lists what there is\n";
  for (const char* command : {"logs", "retry", "cancel"}) {
    http_.answers = {{404, refusal}};
    EXPECT_EQ(run({command, kBuild}), kFailed);
    EXPECT_EQ(err_.str(), no_build) << command;
  }
  http_.answers = {{200, R"({"success":true,"result":[]})"}};
  EXPECT_EQ(run({"token", "revoke", "nope"}), kFailed);
  EXPECT_EQ(err_.str(), "kiln: there is no token nope here; `kiln token list` lists what there is\n");
}

TEST_F(CommandLine, ANumberThatIsNoneIsWrongUsageInWords) {
  serve();
  for (const char* page : {"0", "x", "-1", "1.5"}) {
    EXPECT_EQ(run({"builds", "--page=" + std::string(page)}), kWrongUsage) << page;
    EXPECT_NE(err_.str().find("--page: a page is a number from 1\n"), std::string::npos) << err_.str();
  }
  EXPECT_EQ(run({"builds", "--page", "99999999999999999999"}), kWrongUsage);
  EXPECT_NE(err_.str().find("a page is a number from 1 to 1000000"), std::string::npos) << err_.str();
  EXPECT_EQ(run({"logs", kBuild, "--tail", "x"}), kWrongUsage);
  EXPECT_NE(err_.str().find("the count of lines is a number from 0"), std::string::npos) << err_.str();
  EXPECT_EQ(run({"run", "--timeout", "86401"}), kWrongUsage);
  EXPECT_NE(err_.str().find("a time limit is a number from 1 to 86400"), std::string::npos) << err_.str();
}

TEST_F(CommandLine, APageBehindTheLastOneIsSaidToBeThat) {
  serve();
  const std::string none = R"({"success":true,"result":{"builds":[],"cursor":null}})";
  http_.answers = {{200, none}, {200, none}};
  EXPECT_EQ(run({"builds", "--page", "99"}), kDone);
  EXPECT_EQ(err_.str(), "page 99 is past the last one\n");
  EXPECT_EQ(run({"builds"}), kDone);
  EXPECT_NE(err_.str().find("no builds yet"), std::string::npos) << err_.str();
}

TEST_F(CommandLine, PrintsJsonThatATerminalShowsAndDoesNotObey) {
  serve();
  http_.answers = {
      {200, "{\"success\":true,\"result\":[{\"name\":\"a\u202e\u0085\x7f\"}]}"},
      {200,
       "{\"success\":true,\"result\":{\"lines\":[[0,\"a\u2028\"]],\"cursor\":\"1\",\"truncated\":false}}"}};
  EXPECT_EQ(run({"token", "list", "--json"}), 0) << err_.str();
  EXPECT_NE(out_.str().find("\"a\\u202e\\u0085\\u007f\""), std::string::npos) << out_.str();
  EXPECT_EQ(run({"logs", kBuild, "--json"}), 0);
  EXPECT_EQ(out_.str(), "[0,\"a\\u2028\"]\n");
}

struct Printing {
  std::vector<std::string> words;
  std::string answer;       // the server's, if it is asked
  std::string second = {};  // and what it says when it is asked again
};

std::vector<Printing> everything_that_prints() {
  const std::string version = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
  const std::string build = R"({"build_uuid":")" + std::string(kBuild) + R"("})";
  const std::string made = R"({"id":"i-d","token":"kiln_x","name":"n"})";
  const std::string lines = R"({"lines":[[0,"one"]],"cursor":"1","truncated":false})";
  const std::string events = "data: [0,\"one\"]\n\nevent: end\ndata: {\"build_outcome\":\"success\"}\n\n";
  const std::string connected =
      R"({"worker":{"name":"w"},"triggers":[],"hook":{"kind":"github","url":"http://h/g","secret":"s"}})";
  const std::string trigger = R"([{"trigger_uuid":"t","external_script_id":"x"}])";
  const std::string scripts = R"([{"id":"w","tag":"x"}])";
  const auto ok = [](const std::string& result) { return R"({"success":true,"result":)" + result + "}"; };
  return {{{"--help"}, ""},
          {{"--version"}, ""},
          {{"help", "logs"}, ""},
          {{"status"}, ok("{}")},
          {{"builds"}, ok(R"({"builds":[)" + build + R"(],"cursor":null})")},
          {{"builds", "--json"}, ok(R"({"builds":[],"cursor":null})")},
          {{"workers"}, ok(R"({"workers":[{"worker_name":"w"}]})")},
          {{"queue"}, ok(R"({"running":[)" + build + R"(],"waiting":[],"slots":2})")},
          {{"trigger", "list"}, ok(trigger), ok(scripts)},
          {{"trigger", "show", "w"}, ok(trigger), ok(scripts)},
          {{"versions", "w"}, ok(R"({"deployments":[]})"), ok(R"({"items":[{}]})")},
          {{"deployments", "w"}, ok(R"({"deployments":[{}]})")},
          {{"secret", "list", "w"}, ok(R"({"name":"w"})"), ok(R"([{"name":"S"}])")},
          {{"build-token", "list"}, ok("[{}]")},
          {{"completion", "bash"}, ""},
          {{"man"}, ""},
          {{"man", "--markdown"}, ""},
          {{"complete", "--", "bui"}, ""},
          {{"deliveries"}, ok("[{}]")},
          {{"deliveries", "--json"}, ok("[]")},
          {{"why", "main"}, ok("[{}]")},
          {{"logs", kBuild}, ok(lines)},
          {{"logs", kBuild, "--tail", "1"}, ok(lines)},
          {{"logs", kBuild, "--follow"}, events},
          {{"build", "w"}, ok(build)},
          {{"retry", kBuild}, ok(build)},
          {{"cancel", kBuild}, ok("{}")},
          {{"which", version}, ok(R"({"builds":{")" + version + "\":" + build + "}}")},
          {{"connect", "https://example.com/a/b", "--worker", "w"}, ok(connected)},
          {{"token", "create", "--name", "n"}, ok(made)},
          {{"token", "list"}, ok("[" + made + "]")},
          {{"token", "revoke", "i-d"}, ok("[" + made + "]"), ok("{}")},
          {{"account", "create", "--name", "n"}, ok(made)},
          {{"account", "limit", "--build-minutes", "none"}, ok(made)},
          {{"account", "list"}, ok("[" + made + "]")}};
}

TEST_F(CommandLine, ResultsOnAFullDiskAreLostWithAnExitCodeOfTheirOwn) {
  serve();
  const Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  for (const Printing& command : everything_that_prints()) {
    http_.answers = {{200, command.answer},
                     {200, command.second},
                     {200, R"({"success":true,"errors":[],"messages":[],"result":{"builds":{}}})"}};
    Output output(full.get());
    std::ostream out(&output);
    EXPECT_EQ(run_to(out, command.words), kNotWritten) << command.words.back();
    EXPECT_NE(err_.str().find("standard output could not be written"), std::string::npos) << err_.str();
    EXPECT_NE(err_.str().find("No space left"), std::string::npos) << err_.str();
  }
}

TEST_F(CommandLine, AReaderThatHasGoneEndsACommandWithoutAWord) {
  serve();
  std::signal(SIGPIPE, SIG_IGN);
  Result<Ends> ends = pipe_from_child();
  ASSERT_TRUE(ends);
  ends->ours.reset();
  for (const Printing& command : everything_that_prints()) {
    http_.answers = {{200, command.answer},
                     {200, command.second},
                     {200, R"({"success":true,"errors":[],"messages":[],"result":{"builds":{}}})"}};
    Output output(ends->theirs.get());
    std::ostream out(&output);
    EXPECT_EQ(run_to(out, command.words), kReaderGone) << command.words.back();
    const bool has_more_to_say =
        command.words.size() > 1 && command.words[0] == "token" && command.words[1] == "create";
    EXPECT_EQ(err_.str().empty(), !has_more_to_say) << err_.str();
  }
}

TEST_F(CommandLine, ATokenThatCouldNotBePrintedIsNamed) {
  serve();
  const Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  Output output(full.get());
  std::ostream out(&output);
  http_.answers = {{200, R"({"success":true,"result":{"id":"i-d","token":"kiln_x"}})"}};
  EXPECT_EQ(run_to(out, {"token", "create", "--name", "n"}), kNotWritten);
  EXPECT_NE(err_.str().find("kiln token revoke i-d"), std::string::npos) << err_.str();
  EXPECT_EQ(err_.str().find("kiln_x"), std::string::npos) << "nobody asked for it on standard error";
}

TEST_F(CommandLine, HelpsWithATypoAndWithACommand) {
  EXPECT_EQ(run({"biulds"}), kWrongUsage);
  EXPECT_NE(err_.str().find("kiln builds"), std::string::npos) << err_.str();
  EXPECT_EQ(run({"xyzzy"}), kWrongUsage);
  EXPECT_EQ(err_.str().find("Did you mean"), std::string::npos) << err_.str();
  EXPECT_EQ(run({"token", "creat", "--name", "n"}), kWrongUsage);
  EXPECT_NE(err_.str().find("kiln token create"), std::string::npos) << err_.str();
  EXPECT_EQ(run({"help", "token", "create"}), kDone);
  EXPECT_NE(out_.str().find("--expires-in"), std::string::npos) << out_.str();
  EXPECT_EQ(run({"help"}), kDone);
  EXPECT_NE(out_.str().find("Examples"), std::string::npos);
  EXPECT_EQ(run({"help", "nonsense"}), kWrongUsage);
  EXPECT_EQ(run({"builds", "--brnch", "main"}), kWrongUsage);
  EXPECT_NE(err_.str().find("Did you mean: kiln builds --branch\n"), std::string::npos) << err_.str();
  EXPECT_EQ(run({"builds", "--outcome", "failed"}), kWrongUsage);
  EXPECT_NE(err_.str().find("did you mean fail?"), std::string::npos) << err_.str();
}

TEST_F(CommandLine, TakesItsPlaceBeforeTheCommandToo) {
  serve();
  http_.answers = {{200, R"({"success":true,"result":{"version":"2"}})"}};
  EXPECT_EQ(run({"--json", "--data-dir", folder_.path().string(), "status"}), kDone) << err_.str();
  EXPECT_TRUE(out_.str().starts_with("{")) << out_.str();
  EXPECT_EQ(run({"--data-dir", (folder_.path() / "nowhere").string(), "status"}), kFailed);
  EXPECT_NE(err_.str().find("nowhere"), std::string::npos) << err_.str();
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
  EXPECT_EQ(ssh_address("h:a/b@c.git")->host, "h");
  EXPECT_EQ(ssh_address("h:a/b@c.git")->path, "a/b@c.git");
  EXPECT_EQ(ssh_address("ssh://git@[::1]:2222/a.git")->host, "git@::1");
  EXPECT_EQ(ssh_address("git@[::1]:a.git")->path, "a.git");
  EXPECT_FALSE(ssh_address("https://h/a"));
  EXPECT_FALSE(ssh_address("/srv/a"));
}

}  // namespace
}  // namespace kiln::cli
