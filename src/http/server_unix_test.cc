#include "http/server_for_test.h"

namespace kiln::http {
namespace {

class UnixServerTest : public ServerTest {
 protected:
  UnixServerTest() {
    own_.add("GET", "/who", {}, [](const Request& request) -> Reply {
      return Response{200, {}, fmt::format("{} {}", request.peer, request.peer_uid.value_or(4'000'000))};
    });
  }
  ~UnixServerTest() override { server().stop(); }

  testing::TempDir folder_;
  Router own_;
};

TEST_F(UnixServerTest, KnowsTheUserAndServesItsOwnRoutesOnly) {
  const std::string path = folder_.path() / "s";
  ASSERT_TRUE(server().listen_unix(path, own_));
  start();
  CurlClient client;
  HttpRequest request;
  request.url = "http://kiln/who";
  request.unix_socket = path;
  const auto who = client.send(request);
  ASSERT_TRUE(who) << who.error().message;
  EXPECT_EQ(who->body, fmt::format("unix {}", getuid()));
  request.url = "http://kiln/hello";
  EXPECT_EQ(client.send(request)->status, 404);
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  server().stop();
  EXPECT_NE(stat(path.c_str(), &info), 0);
}

TEST_F(UnixServerTest, ReplacesAStaleSocketButNotALiveOneNorAFile) {
  const std::string path = folder_.path() / "s";
  {
    const Fd dead(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ASSERT_TRUE(server().listen_unix(path, own_));
  const Status again = server().listen_unix(path, own_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::io);
  const std::string file = folder_.path() / "file";
  ASSERT_TRUE(write_file_durably(file, "precious", 0600));
  EXPECT_FALSE(server().listen_unix(file, own_));
  EXPECT_TRUE(read_file(file, 100));
}

TEST_F(UnixServerTest, ListensAtPathsLongerThanASocketAddress) {
  const std::filesystem::path deep = folder_.path() / std::string(90, 'd') / std::string(90, 'e');
  ASSERT_TRUE(make_directory(deep, 0700));
  ASSERT_TRUE(server().listen_unix(deep / "s", own_));
  struct stat info {};
  EXPECT_EQ(stat((deep / "s").c_str(), &info), 0);
  const Status unnamed = server().listen_unix(deep / std::string(120, 'n'), own_);
  ASSERT_FALSE(unnamed);
  EXPECT_EQ(unnamed.error().code, Errc::invalid);
}

}  // namespace
}  // namespace kiln::http
