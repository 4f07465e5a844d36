// Requests that repeat the one before on their connection, but for the query, are answered as if they did
// not.
#include <fmt/ranges.h>

#include "http/server_for_test.h"

namespace kiln::http {
namespace {

// Answers what the handler was given.
class ServerRepeatTest : public ServerTest {
 protected:
  ServerRepeatTest() {
    router_.add("GET", "/seen/{what}", {}, seen);
    router_.add("POST", "/seen/{what}", {}, seen);
  }

  static Reply seen(const Request& request) {
    return Response{200,
                    {},
                    fmt::format("[{} {} {} {} {} {}]", request.method, request.path, request.params,
                                request.query, request.headers, request.body)};
  }

  // The body's text; `head` has no blank line yet.
  static std::string ask(Wire& wire, const std::string& head) {
    wire.send(head + "\r\n\r\n");
    const std::string answer = wire.response();
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }
};

TEST_F(ServerRepeatTest, TheQueryIsNewAndTheRestAsBefore) {
  const std::uint16_t port = start();
  Wire wire(port);
  for (const char* const query : {"a=1", "a=22&b=%20x", "", "c", "a=1"}) {
    const std::string head = fmt::format("GET /seen/it?{} HTTP/1.1\r\nHost: x\r\nX-Who: me", query);
    const std::string got = ask(wire, head);
    Wire fresh(port);
    EXPECT_EQ(got, ask(fresh, head));
    EXPECT_NE(got.find("x-who"), std::string::npos) << got;
  }
}

TEST_F(ServerRepeatTest, AnotherHeaderPathOrMethodIsSeen) {
  const std::uint16_t port = start();
  Wire wire(port);
  const std::vector<std::string> heads{
      "GET /seen/it?a=1 HTTP/1.1\r\nHost: x\r\nX-Who: me",
      "GET /seen/it?a=1 HTTP/1.1\r\nHost: x\r\nX-Who: yu",
      "GET /seen/it?a=1 HTTP/1.1\r\nHost: x\r\nX-Who: yu\r\nX-More: 1",
      "GET /seen/it?a=1 HTTP/1.1\r\nHost: x\r\nX-Who: yu",
      "GET /seen/id?a=1 HTTP/1.1\r\nHost: x\r\nX-Who: yu",
      "GET /seen/id HTTP/1.1\r\nHost: x\r\nX-Who: yu",
      "GET /seen/id?a HTTP/1.1\r\nHost: x\r\nX-Who: yu",
      "POST /seen/id?a HTTP/1.1\r\nHost: x\r\nContent-Length: 0",
      "POST /seen/id?b HTTP/1.1\r\nHost: x\r\nContent-Length: 0",
  };
  for (const std::string& head : heads) {
    Wire fresh(port);
    EXPECT_EQ(ask(wire, head), ask(fresh, head));
  }
}

TEST_F(ServerRepeatTest, BodiesAreReadEachTime) {
  Wire wire(start());
  const std::string head = "POST /seen/it?a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n";
  wire.send(head + "one" + head + "two");
  EXPECT_TRUE(wire.response().ends_with(" one]"));
  EXPECT_TRUE(wire.response().ends_with(" two]"));
}

TEST_F(ServerRepeatTest, PipelinedAndCutInPiecesTheyAreAnsweredInOrder) {
  Wire wire(start());
  std::string all;
  for (int i = 0; i < 50; ++i) all += fmt::format("GET /seen/it?n={} HTTP/1.1\r\nHost: x\r\n\r\n", i);
  for (std::size_t at = 0; at < all.size(); at += 37) wire.send(std::string_view(all).substr(at, 37));
  for (int i = 0; i < 50; ++i) {
    const std::string answer = wire.response();
    EXPECT_NE(answer.find(fmt::format("\"{}\"", i)), std::string::npos) << answer;
  }
}

TEST_F(ServerRepeatTest, ARefusedOneIsRefusedAgainAndTheConnectionGoesOn) {
  Wire wire(start());
  const std::string good = "GET /seen/it?a=1 HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string bad = "GET /seen/it?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string nowhere = "GET /nowhere?a=1 HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::vector<std::pair<std::string, int>> steps{{good, 200}, {bad, 400},     {bad, 400},
                                                       {good, 200}, {nowhere, 404}, {nowhere, 404},
                                                       {good, 200}, {good, 200}};
  for (const auto& [request, status] : steps) {
    wire.send(request);
    EXPECT_TRUE(wire.response().starts_with(fmt::format("HTTP/1.1 {} ", status))) << request;
  }
}

TEST_F(ServerRepeatTest, ALongerQueryIsHeldToTheLimitOfHeaders) {
  options_.max_header_bytes = 512;
  Wire wire(start());
  wire.send("GET /seen/it?a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(wire.response().starts_with("HTTP/1.1 200 "));
  wire.send("GET /seen/it?" + std::string(600, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(wire.response().starts_with("HTTP/1.1 431 "));
}

TEST_F(ServerRepeatTest, HeadStaysWithoutABody) {
  Wire wire(start());
  for (int i = 0; i < 3; ++i) {
    wire.send(fmt::format("HEAD /seen/it?{} HTTP/1.1\r\nHost: x\r\n\r\n", i));
    EXPECT_NE(wire.head().find("content-length"), std::string::npos);
  }
  wire.get("/hello");
  EXPECT_TRUE(wire.response().ends_with("hello"));
}

}  // namespace
}  // namespace kiln::http
