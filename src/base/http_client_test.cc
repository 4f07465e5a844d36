#include "base/http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "base/fs.h"

namespace kiln {
namespace {

// A peer that answers each request with the next of its scripted bytes, on one connection after another.
class ScriptedPeer {
 public:
  explicit ScriptedPeer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    listen(listener_.get(), 8);
    thread_ = std::thread([this] { serve(); });
  }

  explicit ScriptedPeer(std::vector<std::string> answers, const std::string& path)
      : answers_(std::move(answers)) {
    listener_ = Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    listen(listener_.get(), 8);
    thread_ = std::thread([this] { serve(); });
  }

  ~ScriptedPeer() {
    shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
  }
  // Only read once the client's call is over.
  [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void serve() {
    while (true) {
      const Fd connection(accept(listener_.get(), nullptr, nullptr));
      if (!connection) return;
      ++connections_;
      while (answer_one(connection.get())) {
      }
    }
  }

  bool answer_one(int fd) {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      char byte = 0;
      if (recv(fd, &byte, 1, 0) != 1) return false;
      request.push_back(byte);
    }
    const std::size_t length = request.find("Content-Length: ");
    std::size_t body = length == std::string::npos ? 0 : std::stoul(request.substr(length + 16));
    for (char byte = 0; body > 0 && recv(fd, &byte, 1, 0) == 1; --body) request.push_back(byte);
    requests_.push_back(request);
    const std::string& answer = answers_.at(requests_.size() - 1);
    send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    return answer.find("Content-Length") != std::string::npos;
  }

  Fd listener_;
  int port_ = 0;
  std::vector<std::string> answers_;
  std::vector<std::string> requests_;
  int connections_ = 0;
  std::thread thread_;
};

const std::string kHello = "HTTP/1.1 200 OK\r\nX-Kind: greeting\r\nContent-Length: 5\r\n\r\nhello";
// Headers, the start of a body, and then nothing.
const std::string kStalled = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe";

HttpRequest to(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.timeout_ms = 20'000;
  return request;
}

TEST(HttpClient, ReadsStatusHeadersAndBodyAndKeepsTheConnection) {
  ScriptedPeer peer({kHello, kHello});
  {
    CurlClient client;
    const auto first = client.send(to(peer.url("/one")));
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->status, 200);
    EXPECT_EQ(first->body, "hello");
    EXPECT_EQ(first->header("x-kind"), "greeting");
    EXPECT_EQ(first->header("absent"), "");
    ASSERT_TRUE(client.send(to(peer.url("/two"))));
  }
  EXPECT_EQ(peer.connections(), 1);
  EXPECT_TRUE(peer.requests()[1].starts_with("GET /two HTTP/1.1\r\n"));
}

TEST(HttpClient, SendsMethodHeadersAndBodyAsGiven) {
  ScriptedPeer peer({kHello, kHello});
  CurlClient client;
  HttpRequest patch = to(peer.url());
  patch.method = "PATCH";
  patch.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  patch.body = std::string("{\0}", 3);
  ASSERT_TRUE(client.send(patch));
  HttpRequest put = to(peer.url());
  put.method = "PUT";
  ASSERT_TRUE(client.send(put));
  EXPECT_TRUE(peer.requests()[0].starts_with("PATCH / "));
  EXPECT_NE(peer.requests()[0].find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(peer.requests()[0].find("\r\nX-Empty:\r\n"), std::string::npos);
  EXPECT_TRUE(peer.requests()[0].ends_with(patch.body));
  EXPECT_NE(peer.requests()[1].find("Content-Length: 0"), std::string::npos);
}

TEST(HttpClient, DoesNotFollowRedirects) {
  ScriptedPeer peer({"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"});
  CurlClient client;
  const auto answer = client.send(to(peer.url()));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(answer->header("location"), "http://127.0.0.1:1/");
}

TEST(HttpClient, RefusesOtherProtocolsAndHeaderInjection) {
  CurlClient client;
  const auto file = client.send(to("file:///etc/hostname"));
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Errc::invalid);
  HttpRequest split = to("http://127.0.0.1:1/");
  split.headers = {{"X-A", "b\r\nX-C: d"}};
  const auto injected = client.send(split);
  ASSERT_FALSE(injected);
  EXPECT_EQ(injected.error().code, Errc::invalid);
}

TEST(HttpClient, SaysUnavailableWhenNobodyListensAndKeepsUrlSecretsToItself) {
  CurlClient client;
  const auto refused = client.send(to("http://user:hidden@127.0.0.1:1/secret-path"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_EQ(refused.error().message.find("hidden"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("secret-path"), std::string::npos);
}

TEST(HttpClient, EndsAtItsTimeout) {
  ScriptedPeer peer({kStalled});
  CurlClient client;
  HttpRequest request = to(peer.url());
  request.timeout_ms = 50;
  const auto late = client.send(request);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::timeout);
}

TEST(HttpClient, StreamsPiecesAndStopsOnRequest) {
  ScriptedPeer peer({kHello, kStalled});
  std::atomic<bool> stop = false;
  {
    CurlClient client;
    HttpRequest request = to(peer.url());
    std::string seen;
    request.on_data = [&](std::string_view piece) {
      seen += piece;
      return true;
    };
    const auto whole = client.send(request);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->body, "");
    EXPECT_EQ(seen, "hello");
    request.stop = &stop;
    request.on_data = [&](std::string_view) {
      stop = true;
      return true;
    };
    const auto stopped = client.send(request);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, Errc::timeout);
  }
}

TEST(HttpClient, LetsTheReceiverOfPiecesEndTheCall) {
  ScriptedPeer peer({kHello});
  CurlClient client;
  HttpRequest request = to(peer.url());
  request.on_data = [](std::string_view) { return false; };
  const auto answer = client.send(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

TEST(HttpClient, TalksOverAUnixSocket) {
  std::string folder = "/tmp/kiln-http-client-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  {
    ScriptedPeer peer({kHello}, folder + "/s");
    CurlClient client;
    HttpRequest request = to("http://kiln/path");
    request.unix_socket = folder + "/s";
    const auto answer = client.send(request);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "hello");
  }
  EXPECT_TRUE(remove_tree(folder));
}

}  // namespace
}  // namespace kiln
