// The command line and a server elsewhere: which one is meant, what is sent there, what is kept.
#include "cli/remote.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "base/fs.h"
#include "cli/command_line_for_test.h"

namespace kiln::cli {
namespace {

constexpr const char* kUrl = "https://kiln.example.com";
constexpr const char* kWhoami =
    R"({"success":true,"errors":[],"messages":[],"result":{"kind":"token","id":"t","name":"laptop","is_admin":false,
    "permissions":["ci:read"],"expires_on":null,"account":{"id":"0123456789abcdef0123456789abcdef","name":"acme"},
    "version":"1"}})";
constexpr const char* kBuilds =
    R"({"success":true,"errors":[],"messages":[],"result":[],"result_info":{"total_count":0,"total_pages":1}})";

class RemoteCommandLine : public CommandLine {
 protected:
  RemoteCommandLine() {
    for (const char* name : {"KILN_URL", "KILN_TOKEN", "KILN_CA", "KILN_DATA_DIR"}) unsetenv(name);
    setenv("XDG_CONFIG_HOME", folder_.path().c_str(), 1);
    setenv("XDG_DATA_HOME", folder_.path().c_str(), 1);
  }
  ~RemoteCommandLine() override {
    for (const char* name : {"KILN_URL", "KILN_TOKEN", "KILN_CA", "XDG_CONFIG_HOME", "XDG_DATA_HOME"})
      unsetenv(name);
  }
  RemoteCommandLine(const RemoteCommandLine&) = delete;
  RemoteCommandLine& operator=(const RemoteCommandLine&) = delete;

  // Without a data directory on the command line.
  int run_anywhere(const std::vector<std::string>& words) {
    std::vector<const char*> argv = {"kiln"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    out_.str("");
    err_.str("");
    Context context{http_, processes_, clock_, out_, err_, Style{}, {}, {}, false, kDone};
    return run_in(context, static_cast<int>(argv.size()), argv.data(), {});
  }
  std::string written(const char* name, const std::string& text) {
    const std::filesystem::path file = folder_.path() / name;
    std::ofstream(file) << text;
    return file.string();
  }
  std::string sent_token(std::size_t at) {
    for (const auto& [name, value] : http_.asked.at(at).headers) {
      if (name == "authorization") return value;
    }
    return "";
  }
};

TEST_F(RemoteCommandLine, TheEnvironmentNamesAServerAndItsToken) {
  setenv("KILN_URL", "https://kiln.example.com/", 1);
  setenv("KILN_TOKEN", "kiln_secret", 1);
  http_.answers = {{200, kWhoami}, {200, kBuilds}};
  EXPECT_EQ(run_anywhere({"builds"}), kDone) << err_.str();
  ASSERT_EQ(http_.asked.size(), 2U);
  EXPECT_EQ(http_.asked[0].url, std::string(kUrl) + "/kiln/v1/whoami");
  EXPECT_EQ(http_.asked[1].unix_socket, "");
  EXPECT_NE(http_.asked[1].url.find(kAccount), std::string::npos);
  EXPECT_EQ(sent_token(1), "Bearer kiln_secret");
}

TEST_F(RemoteCommandLine, ADataDirectoryOnTheCommandLineCountsFirst) {
  setenv("KILN_URL", kUrl, 1);
  setenv("KILN_TOKEN", "kiln_secret", 1);
  serve();
  http_.answers = {{200, kBuilds}};
  EXPECT_EQ(run({"builds"}), kDone) << err_.str();
  EXPECT_NE(http_.asked.at(0).unix_socket, "");
  EXPECT_EQ(sent_token(0), "");
}

TEST_F(RemoteCommandLine, OneWithoutTheOtherIsToldHowToGoOn) {
  setenv("KILN_URL", kUrl, 1);
  EXPECT_EQ(run_anywhere({"builds"}), kFailed);
  EXPECT_NE(err_.str().find("kiln login https://kiln.example.com"), std::string::npos) << err_.str();
  unsetenv("KILN_URL");
  setenv("KILN_TOKEN", "kiln_secret", 1);
  EXPECT_EQ(run_anywhere({"builds"}), kFailed);
  EXPECT_NE(err_.str().find("KILN_URL is not"), std::string::npos) << err_.str();
  EXPECT_TRUE(http_.asked.empty());
}

TEST_F(RemoteCommandLine, PlainHttpGoesToThisMachineAlone) {
  for (const char* url : {"http://127.0.0.1:8787", "http://localhost", "http://[::1]:1", kUrl,
                          "https://10.0.0.7:8443", "https://ci.example.com/kiln"})
    EXPECT_EQ(server_url(url, false), std::string(url));
  for (const char* url : {"http://kiln.example.com", "http://10.0.0.7", "http://localhost.example.com",
                          "http://127.0.0.1.example.com"}) {
    const Result<std::string> refused = server_url(url, false);
    ASSERT_FALSE(refused) << url;
    EXPECT_NE(refused.error().message.find("--insecure"), std::string::npos);
    EXPECT_TRUE(server_url(url, true)) << url;
  }
  for (const char* url : {"", "kiln.example.com", "ftp://x", "https://me:secret@kiln.example.com",
                          "https://kiln.example.com/?a=b"})
    EXPECT_FALSE(server_url(url, true)) << url;
}

TEST_F(RemoteCommandLine, LoginKeepsTheTokenForItsOwnerAlone) {
  const std::string token = written("token", "kiln_secret\n");
  http_.answers = {{200, kWhoami}};
  EXPECT_EQ(run_anywhere({"login", kUrl, "--token-file", token}), kDone) << err_.str();
  EXPECT_EQ(sent_token(0), "Bearer kiln_secret");
  EXPECT_EQ((out_.str() + err_.str()).find("kiln_secret"), std::string::npos);
  struct stat about {};
  ASSERT_EQ(stat(login_file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  http_.answers = {{200, kBuilds}};
  EXPECT_EQ(run_anywhere({"builds"}), kDone) << err_.str();
  EXPECT_EQ(sent_token(1), "Bearer kiln_secret");
  setenv("KILN_URL", "https://other.example.com", 1);
  EXPECT_EQ(run_anywhere({"builds"}), kFailed) << "another server is not given this one's token";
  unsetenv("KILN_URL");
  EXPECT_EQ(run_anywhere({"logout"}), kDone);
  EXPECT_FALSE(std::filesystem::exists(login_file()));
}

TEST_F(RemoteCommandLine, ALoginThatIsRefusedIsNotKept) {
  const std::string token = written("token", "kiln_secret");
  http_.answers = {
      {401, R"({"success":false,"errors":[{"code":1000,"message":"the token is unknown"}],"result":null})"}};
  EXPECT_EQ(run_anywhere({"login", kUrl, "--token-file", token}), kFailed);
  EXPECT_FALSE(std::filesystem::exists(login_file()));
  EXPECT_EQ(err_.str().find("kiln_secret"), std::string::npos);
  EXPECT_NE(err_.str().find("the token is unknown"), std::string::npos) << err_.str();
}

TEST_F(RemoteCommandLine, ALoginThatOthersMayReadIsNotUsed) {
  ASSERT_TRUE(write_login({kUrl, "kiln_secret", "", kAccount, false}));
  ASSERT_EQ(chmod(login_file().c_str(), 0644), 0);
  EXPECT_EQ(run_anywhere({"builds"}), kFailed);
  EXPECT_NE(err_.str().find("chmod 600"), std::string::npos) << err_.str();
  EXPECT_TRUE(http_.asked.empty());
}

TEST_F(RemoteCommandLine, WhatItsCertificateIsJudgedByComesAlong) {
  const std::string ca = written("ca.pem", "-----BEGIN CERTIFICATE-----\n");
  setenv("KILN_URL", kUrl, 1);
  setenv("KILN_TOKEN", "kiln_secret", 1);
  setenv("KILN_CA", ca.c_str(), 1);
  http_.answers = {{200, kWhoami}};
  EXPECT_EQ(run_anywhere({"whoami"}), kFailed) << "the second question has no answer";
  EXPECT_EQ(http_.asked.at(0).ca, "-----BEGIN CERTIFICATE-----\n");
  setenv("KILN_CA", written("no.pem", "nonsense").c_str(), 1);
  EXPECT_EQ(run_anywhere({"whoami"}), kFailed);
  EXPECT_NE(err_.str().find("no certificate"), std::string::npos) << err_.str();
}

TEST_F(RemoteCommandLine, ARefusedTokenIsToldTheWayOut) {
  ASSERT_TRUE(write_login({kUrl, "kiln_secret", "", kAccount, false}));
  http_.answers = {
      {401, R"({"success":false,"errors":[{"code":1000,"message":"Invalid API Token"}],"result":null})"}};
  EXPECT_EQ(run_anywhere({"builds"}), kFailed);
  EXPECT_NE(err_.str().find("kiln login https://kiln.example.com"), std::string::npos) << err_.str();
}

TEST_F(RemoteCommandLine, WhoamiNamesServerAccountAndRights) {
  ASSERT_TRUE(write_login({kUrl, "kiln_secret", "", kAccount, false}));
  http_.answers = {{200, kWhoami}};
  EXPECT_EQ(run_anywhere({"whoami"}), kDone) << err_.str();
  for (const char* word : {kUrl, "laptop", "acme", "ci:read"})
    EXPECT_NE(out_.str().find(word), std::string::npos) << word << "\n" << out_.str();
}

TEST_F(RemoteCommandLine, APathIsNoRepositoryOfAServerElsewhere) {
  ASSERT_TRUE(write_login({kUrl, "kiln_secret", "", kAccount, false}));
  const std::filesystem::path bare = folder_.path() / "shop.git";
  for (const char* part : {"objects", "refs"}) std::filesystem::create_directories(bare / part);
  std::ofstream(bare / "HEAD") << "ref: refs/heads/main\n";
  EXPECT_EQ(run_anywhere({"connect", bare.string(), "--worker", "shop"}), kFailed);
  EXPECT_NE(err_.str().find("another machine"), std::string::npos) << err_.str();
}

TEST_F(RemoteCommandLine, AuditPrintsALineAnEntryForExport) {
  ASSERT_TRUE(write_login({kUrl, "kiln_secret", "", kAccount, false}));
  const std::string entry =
      R"({"id":"7","created_on":"1970-01-01T00:00:00.000Z","account_id":null,"who":{"kind":"token","id":"t","name":"ops"},
      "address":"192.0.2.7","action":"createAccount","target":"","request_id":null,
      "changes":[{"object":"account","id":"a","change":"made","fields":{"name":{"before":null,"after":"acme"}}}]})";
  const auto page = [&](const std::string& cursor) {
    return std::pair(200, R"({"success":true,"errors":[],"messages":[],"result":{"entries":[)" + entry +
                              R"(],"cursor":)" + cursor + "}}");
  };
  http_.answers = {page("\"7\""), page("null")};
  EXPECT_EQ(run_anywhere({"audit", "--json", "--limit", "0", "--since", "7d"}), kDone) << err_.str();
  std::istringstream lines(out_.str());
  std::string line;
  int count = 0;
  for (; std::getline(lines, line); ++count) EXPECT_TRUE(line.starts_with("{\"id\":\"7\"")) << line;
  EXPECT_EQ(count, 2);
  EXPECT_NE(http_.asked.at(1).url.find("cursor=7"), std::string::npos);
  EXPECT_NE(http_.asked.at(0).url.find("since="), std::string::npos);
  http_.answers = {page("null")};
  EXPECT_EQ(run_anywhere({"audit", "--changes"}), kDone) << err_.str();
  EXPECT_NE(out_.str().find("name: nothing → acme"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("192.0.2.7"), std::string::npos) << out_.str();
}

}  // namespace
}  // namespace kiln::cli
