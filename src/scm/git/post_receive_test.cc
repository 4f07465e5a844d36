#include "scm/git/post_receive.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "base/fs.h"
#include "scm/git/repo_test.h"
#include "testing/temp_dir.h"

namespace kiln::scm {
namespace {

// Takes `calls` HTTP requests on a loopback port, answers each with the next status, keeps the bodies.
class Listener {
 public:
  explicit Listener(std::vector<int> statuses)
      : statuses_(std::move(statuses)), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_.get(), 8), 0);
    EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Listener() { finish(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void finish() {
    if (!thread_.joinable()) return;
    shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  [[nodiscard]] HookAddress address() const {
    return {"http://127.0.0.1:" + std::to_string(port_) + "/hooks/git/1", "s3cret"};
  }

  std::vector<std::string> heads;
  std::vector<std::string> bodies;

 private:
  void serve() {
    for (const int status : statuses_) {
      const Fd peer(accept(socket_.get(), nullptr, nullptr));
      if (!peer) return;
      std::string bytes;
      std::size_t need = std::string::npos;
      std::size_t head_end = std::string::npos;
      while (head_end == std::string::npos || bytes.size() < need) {
        char chunk[4096];
        const ssize_t got = read(peer.get(), chunk, sizeof chunk);
        if (got <= 0) break;
        bytes.append(chunk, static_cast<std::size_t>(got));
        head_end = bytes.find("\r\n\r\n");
        if (head_end == std::string::npos) continue;
        const std::size_t length = bytes.find("Content-Length: ");
        need = head_end + 4 + std::stoul(bytes.substr(length + 16));
      }
      heads.push_back(bytes.substr(0, head_end));
      bodies.push_back(bytes.substr(head_end + 4));
      const std::string text = "Kiln: build queued\n";
      const std::string answer = "HTTP/1.1 " + std::to_string(status) +
                                 " X\r\nConnection: close\r\nContent-Length: " + std::to_string(text.size()) +
                                 "\r\n\r\n" + text;
      EXPECT_EQ(write(peer.get(), answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
    }
  }

  std::vector<int> statuses_;
  Fd socket_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::vector<std::string> fields_of(const std::string& body) {
  std::vector<std::string> fields = split(body, '\0');
  EXPECT_EQ(fields.back(), "");  // the body ends with NUL
  fields.pop_back();
  return fields;
}

class PostReceive : public ::testing::Test {
 protected:
  void install(const HookAddress& address) {
    repo_.run({"/bin/sh", "-s", "--", repo_.bare()}, "/", true, install_script(address));
  }
  using Words = std::vector<std::string>;
  testing::TempDir folder_;
  TestRepo repo_{folder_.path()};
  const std::string zero_ = std::string(40, '0');
};

TEST_F(PostReceive, ReportsCreateUpdateForceTwoRefsAndDelete) {
  Listener server({200, 200, 200, 200});
  install(server.address());
  const std::string first = repo_.commit("One\n\nbody");
  repo_.push({"main"});
  EXPECT_NE(repo_.last.err.find("Kiln: build queued"), std::string::npos) << repo_.last.err;
  repo_.write("a b/new\nline \"q\"", "x");
  repo_.commit("Two");
  repo_.write("z", "z");
  const std::string third = repo_.commit("Three");
  repo_.push({"-o", "ci.skip", "main"});
  repo_.git({"reset", "-q", "--hard", first});
  const std::string other = repo_.commit("Other");
  repo_.push({"--force", "main", "HEAD:--side=x"});
  repo_.push({":main"});
  server.finish();
  ASSERT_EQ(server.bodies.size(), 4U);
  EXPECT_NE(server.heads[0].find("Authorization: Bearer s3cret"), std::string::npos);

  Words fields = fields_of(server.bodies[0]);
  ASSERT_EQ(fields.size(), 12U);
  EXPECT_EQ(fields[0], "kiln-push-1");
  EXPECT_EQ(fields[1].size(), 36U);
  EXPECT_EQ(Words(fields.begin() + 2, fields.end()),
            (Words{"ref", zero_, first, "refs/heads/main", "0", "0", "Ada", "One\n\nbody\n\n", "0", ""}));
  fields = fields_of(server.bodies[1]);
  EXPECT_EQ(Words(fields.begin() + 2, fields.end()),
            (Words{"ref", first, third, "refs/heads/main", "0", "2", "Ada", "Three\n\n", "1",
                   "a b/new\nline \"q\"", "z", ""}));
  fields = fields_of(server.bodies[2]);
  Words forced = {"ref", third,       other, "refs/heads/main",     "1", "1",
                  "Ada", "Other\n\n", "0",   "a b/new\nline \"q\"", "z", ""};
  Words made = {"ref", zero_, other, "refs/heads/--side=x", "0", "0", "Ada", "Other\n\n", "0", ""};
  Words both = forced;
  both.insert(both.end(), made.begin(), made.end());
  Words turned = made;
  turned.insert(turned.end(), forced.begin(), forced.end());
  const Words got(fields.begin() + 2, fields.end());
  EXPECT_TRUE(got == both || got == turned);
  fields = fields_of(server.bodies[3]);
  EXPECT_EQ(Words(fields.begin() + 2, fields.end()),
            (Words{"ref", other, zero_, "refs/heads/main", "0", "0", "", "", "0", ""}));
}

TEST_F(PostReceive, SendsAtMostThreeThousandPaths) {
  Listener server({200, 200});
  install(server.address());
  repo_.commit("One");
  repo_.push({"main"});
  for (int i = 0; i < 3100; ++i) repo_.write("many/" + std::to_string(i), "");
  repo_.commit("Many");
  repo_.push({"main"});
  server.finish();
  ASSERT_EQ(server.bodies.size(), 2U);
  EXPECT_EQ(fields_of(server.bodies[1]).size(), 2U + 9U + 3000U + 1U);
}

TEST_F(PostReceive, TriesAgainWithTheSameDeliveryId) {
  Listener server({503, 200});
  install(server.address());
  repo_.commit("One");
  repo_.push({"main"});
  server.finish();
  ASSERT_EQ(server.bodies.size(), 2U);
  EXPECT_EQ(server.bodies[0], server.bodies[1]);
  EXPECT_NE(repo_.last.err.find("Kiln: build queued"), std::string::npos) << repo_.last.err;
}

TEST_F(PostReceive, NeverFailsThePushAndSaysWhatToDo) {
  HookAddress gone;
  {
    Listener server({});
    gone = server.address();
  }
  install(gone);
  repo_.commit("One");
  repo_.push({"main"});
  EXPECT_NE(repo_.last.err.find("kiln build <worker>"), std::string::npos) << repo_.last.err;
  EXPECT_EQ(repo_.last.err.find("s3cret"), std::string::npos);
}

TEST_F(PostReceive, KeepsAnEarlierHookAndFeedsItTheSameInput) {
  const std::filesystem::path hooks = std::filesystem::path(repo_.bare()) / "hooks";
  const std::filesystem::path seen = repo_.folder() / "seen";
  std::ofstream(hooks / "post-receive") << "#!/bin/sh\ncat > '" << seen.string() << "'\n";
  ASSERT_EQ(chmod((hooks / "post-receive").c_str(), 0755), 0);
  Listener server({200});
  install(server.address());
  install(server.address());  // twice: ours is not taken for an earlier one
  const std::string first = repo_.commit("One");
  repo_.push({"main"});
  server.finish();
  EXPECT_EQ(read_file(seen, 1000).value(), zero_ + " " + first + " refs/heads/main\n");
  EXPECT_EQ(server.bodies.size(), 1U);
  struct stat state {};
  ASSERT_EQ(stat((hooks / "kiln-hook.conf").c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0600U);
}

TEST_F(PostReceive, IsNotInstalledOutsideABareRepository) {
  const HookAddress address{"http://127.0.0.1:1/", "s"};
  repo_.run({"/bin/sh", "-s", "--", repo_.work()}, "/", false, install_script(address));
  EXPECT_EQ(repo_.last.exit_code, 3);
  repo_.run({"/bin/sh", "-s", "--", "/no/such"}, "/", false, install_script(address));
  EXPECT_EQ(repo_.last.exit_code, 3);
}

TEST(HookConfig, QuotesForCurl) {
  const std::string config = hook_config({"http://h/\"x\\", "a\"b\nurl = evil"});
  EXPECT_NE(config.find("url = \"http://h/\\\"x\\\\\"\n"), std::string::npos);
  EXPECT_EQ(config.find("\nurl = evil"), std::string::npos);
}

TEST_F(PostReceive, IsWrittenIntoTheRepositoryAndNowhereElse) {
  const HookAddress address{"http://127.0.0.1:1/hooks/git/x", "s3cret"};
  const std::filesystem::path elsewhere = folder_.path() / "elsewhere";
  std::filesystem::create_directory(elsewhere);
  repo_.git({"config", "core.hooksPath", elsewhere.string()}, repo_.bare());
  repo_.run({"/bin/sh", "-s", "--", repo_.bare()}, "/", false, install_script(address));
  EXPECT_EQ(repo_.last.exit_code, 5);
  EXPECT_NE(repo_.last.err.find("core.hooksPath"), std::string::npos) << repo_.last.err;
  repo_.git({"config", "--unset", "core.hooksPath"}, repo_.bare());
  std::filesystem::remove_all(std::filesystem::path(repo_.bare()) / "hooks");
  std::filesystem::create_directory_symlink(elsewhere, std::filesystem::path(repo_.bare()) / "hooks");
  repo_.run({"/bin/sh", "-s", "--", repo_.bare()}, "/", false, install_script(address));
  EXPECT_EQ(repo_.last.exit_code, 5);
  EXPECT_TRUE(std::filesystem::is_empty(elsewhere));
}

TEST_F(PostReceive, IsWrittenByTheRepositorysOwnerWhereRootConnects) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  std::filesystem::permissions(folder_.path(), static_cast<std::filesystem::perms>(0755));
  repo_.run({"/bin/chown", "-R", "61999:61999", repo_.bare()}, "/");
  const HookAddress address{"http://127.0.0.1:1/hooks/git/x", "s3cret"};
  const std::filesystem::path hooks = std::filesystem::path(repo_.bare()) / "hooks";
  // A link in the owner's folder to what only root may write.
  const std::filesystem::path roots = folder_.path() / "roots";
  std::ofstream(roots) << "untouched";
  std::filesystem::permissions(roots, static_cast<std::filesystem::perms>(0600));
  std::filesystem::create_symlink(roots, hooks / "kiln-hook.conf");
  repo_.run({"/bin/sh", "-s", "--", repo_.bare()}, "/", true, install_script(address));
  for (const char* name : {"post-receive", "kiln-hook.conf"}) {
    struct stat info {};
    ASSERT_EQ(lstat((hooks / name).c_str(), &info), 0) << name;
    EXPECT_TRUE(S_ISREG(info.st_mode)) << name;
    EXPECT_EQ(info.st_uid, 61999U) << name;
  }
  EXPECT_EQ(std::filesystem::file_size(roots), 9U);
}

}  // namespace
}  // namespace kiln::scm
