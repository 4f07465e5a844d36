#include "http/server.h"

#include "http/server_for_test.h"

namespace kiln::http {
namespace {

TEST_F(ServerTest, AnswersPipelinedRequestsInOrderOnOneConnection) {
  Wire wire(start());
  wire.send(
      "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\nHost: "
      "x\r\nConnection: close\r\n\r\n");
  const std::string first = wire.until("hello");
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\nserver: kiln\r\ndate: ")) << first;
  EXPECT_NE(first.find("\r\ncontent-length: 5\r\n"), std::string::npos);
  EXPECT_EQ(first.find("connection:"), std::string::npos);
  EXPECT_TRUE(wire.until("invalid?").starts_with("HTTP/1.1 404 Not Found"));
  EXPECT_TRUE(wire.until("abc").starts_with("HTTP/1.1 200 OK"));
  const std::string last = wire.to_end();
  EXPECT_NE(last.find("connection: close"), std::string::npos);
  EXPECT_TRUE(last.ends_with("hello"));
}

TEST_F(ServerTest, ReadsARequestThatComesByteByByte) {
  Wire wire(start());
  for (const char c : std::string("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")) {
    wire.send({&c, 1});
  }
  EXPECT_TRUE(wire.until("abcde").starts_with("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, SpeaksHttp10) {
  const std::uint16_t port = start();
  Wire closing(port);
  closing.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(closing.to_end().ends_with("hello"));
  Wire asking(port);
  asking.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(asking.to_end().find("connection: close"), std::string::npos);
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  Wire wire(start());
  wire.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string head = wire.head();
  EXPECT_NE(head.find("content-length: 5"), std::string::npos);
  wire.get("/hello");
  EXPECT_TRUE(wire.until("hello").starts_with("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, SendsNoLengthWithoutContent) {
  Wire wire(start());
  wire.get("/empty");
  EXPECT_EQ(wire.head().find("content-length"), std::string::npos);
  wire.get("/hello");
  EXPECT_TRUE(wire.until("hello").starts_with("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, KeepsBadHeadersOfHandlersOffTheWire) {
  Wire wire(start());
  wire.get("/headers");
  const std::string head = wire.head();
  EXPECT_NE(head.find("x-good: 1"), std::string::npos);
  EXPECT_EQ(head.find("evil"), std::string::npos);
  EXPECT_EQ(head.find("99"), std::string::npos);
}

TEST_F(ServerTest, NamesTheMethodsOfAPath) {
  Wire wire(start());
  wire.send("DELETE /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string refused = wire.until("here");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 405 "));
  EXPECT_NE(refused.find("allow: OPTIONS, POST\r\n"), std::string::npos);
  wire.send("OPTIONS /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string options = wire.head();
  EXPECT_TRUE(options.starts_with("HTTP/1.1 204 "));
  EXPECT_NE(options.find("allow: GET, HEAD, OPTIONS\r\n"), std::string::npos);
  wire.send("BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(wire.head().starts_with("HTTP/1.1 405 "));
}

TEST_F(ServerTest, InvitesABodyOnlyWhereItFits) {
  const std::uint16_t port = start();
  const std::string expect = "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ";
  Wire welcome(port);
  welcome.send(expect + "2\r\n\r\n");
  EXPECT_EQ(welcome.head(), "HTTP/1.1 100 Continue\r\n\r\n");
  welcome.send("ok");
  EXPECT_TRUE(welcome.until("ok").starts_with("HTTP/1.1 200 "));
  Wire refused(port);
  refused.send(expect + "65\r\n\r\n");
  const std::string answer = refused.to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 "));
  EXPECT_NE(answer.find("connection: close"), std::string::npos);
}

TEST_F(ServerTest, StopsReadingABodyThatGrowsTooLarge) {
  Wire wire(start());
  wire.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" +
            std::string(32, 'a') + "\r\n21\r\n");
  EXPECT_TRUE(wire.to_end().starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerTest, CutsOffEndlessHeaders) {
  options_.max_header_bytes = 1024;
  Wire wire(start());
  wire.send("GET /hello HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(2000, 'x'));
  EXPECT_TRUE(wire.to_end().starts_with("HTTP/1.1 431 "));
}

// Each of these could be read as two different requests by two servers in a row: none may leave a byte
// behind.
TEST_F(ServerTest, ClosesOnAmbiguousFraming) {
  const std::uint16_t port = start();
  for (const char* lines : {
           "Host: x\r\nTransfer-Encoding: gzip\r\n",
           "Host: x\r\nTransfer-Encoding: gzip, chunked\r\n",
           "Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
           "Host: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n",
           "Host: x\r\nContent-Length: +3\r\n",
           "Host: x\r\nContent-Length : 3\r\n",
           "Host: x\r\nContent-Length: 3, 3\r\n",
           "Host: x\r\nContent-Length:\r\n 3\r\n",
           "Host: x\r\nTransfer-Encoding:\r\n\tchunked\r\n",
           "Host: x\r\nX-Long: a\r\n b\r\n",
           "Host: x\nContent-Length: 3\r\n",
           "Host: x\r\nHost: y\r\n",
           "",
       }) {
    Wire wire(port);
    wire.send(fmt::format("POST /echo HTTP/1.1\r\n{}\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n", lines));
    const std::string answer = wire.to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << lines << answer;
    EXPECT_EQ(answer.find("HTTP/1.1 200"), std::string::npos) << lines;
    EXPECT_NE(answer.find("connection: close"), std::string::npos) << lines;
  }
}

TEST_F(ServerTest, RefusesStrangeTargetsAndGoesOn) {
  Wire wire(start());
  for (const char* target : {"/%2e%2e/hello", "/a/../hello", "/%zz", "/a%00b"}) {
    wire.get(target);
    EXPECT_TRUE(wire.response().starts_with("HTTP/1.1 400 ")) << target;
  }
}

TEST_F(ServerTest, GivesUpOnSlowHeadersAndSilentBodies) {
  options_.header_timeout_ms = 40;
  options_.body_timeout_ms = 40;
  const std::uint16_t port = start();
  Wire header(port);
  header.send("GET /hel");
  EXPECT_TRUE(header.to_end().starts_with("HTTP/1.1 408 "));
  Wire body(port);
  body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_TRUE(body.to_end().starts_with("HTTP/1.1 408 "));
}

TEST_F(ServerTest, ClosesAnIdleConnectionWithoutAWord) {
  options_.idle_timeout_ms = 40;
  Wire wire(start());
  wire.get("/hello");
  EXPECT_TRUE(wire.until("hello").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(wire.to_end(), "");
}

// More parts than one call of the system takes, and more bytes than the socket does at once.
TEST_F(ServerTest, SendsAnswersOfManySharedPartsWhole) {
  const auto kept = std::make_shared<std::string>();
  for (int i = 0; i < 1'000'000; ++i) kept->append(fmt::format("{:06};", i));
  for (const bool later : {false, true}) {
    router_.add("GET", later ? "/parts-later" : "/parts", {}, [kept, later](const Request&) -> Reply {
      Response response{200, {}, "<"};
      for (std::size_t at = 0; at < kept->size(); at += 1'400) {
        response.shared.parts.push_back(std::string_view(*kept).substr(at, 1'400));
      }
      response.shared.parts.emplace_back();
      response.shared.owners.push_back(kept);
      response.tail = ">";
      response.with_others = later;
      return response;
    });
  }
  Wire wire(start());
  for (const char* const target : {"/parts", "/parts-later", "/hello"}) wire.get(target);
  for (int i = 0; i < 2; ++i) {
    const std::string answer = wire.response();
    const std::size_t body = answer.find("\r\n\r\n") + 4;
    const std::string wanted = "<" + *kept + ">";
    const std::string_view got = std::string_view(answer).substr(body);
    const auto differs = std::mismatch(wanted.begin(), wanted.end(), got.begin(), got.end()).first;
    EXPECT_EQ(got.size(), wanted.size());
    EXPECT_TRUE(differs == wanted.end()) << "at byte " << differs - wanted.begin();
  }
  EXPECT_TRUE(wire.response().ends_with("hello"));
}

TEST_F(ServerTest, DropsAReaderThatNeverReads) {
  options_.body_timeout_ms = 40;
  options_.connections.all = 1;
  // A known one: a stranger would give way at once.
  const auto known = [](const Request& request) -> std::optional<Response> {
    request.caller = 7;
    return std::nullopt;
  };
  router_.add("GET", "/big-for-me", {}, Guarded{known, [](const Request&) -> Reply {
                                                  return Response{200, {}, std::string(8U << 20U, 'b')};
                                                }});
  const std::uint16_t port = start();
  Wire stuck(port);
  stuck.get("/big-for-me");
  EXPECT_TRUE(stuck.head().starts_with("HTTP/1.1 200 "));
  // Its place is free again as soon as the server gave up on it.
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(kGiveUpSeconds);
  std::string head;
  while (!head.starts_with("HTTP/1.1 200 ") && std::chrono::steady_clock::now() < give_up) {
    Wire next(port);
    next.get("/hello");
    head = next.head();
  }
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 "));
  EXPECT_LT(stuck.to_end().size(), std::size_t{8U << 20U});
}

TEST_F(ServerTest, AnswersAClientThatHasShutItsSendingSide) {
  Wire wire(start());
  wire.get("/hello");
  wire.shutdown_send();
  EXPECT_TRUE(wire.to_end().ends_with("hello"));
}

TEST_F(ServerTest, TurnsAwayConnectionsWhenAllItTakesAreAtWork) {
  options_.connections.all = 1;
  const std::uint16_t port = start();
  Wire first(port);
  first.get("/wait");
  EXPECT_TRUE(wakes_.wait_for(1));
  Wire second(port);
  const std::string answer = second.to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 "));
  EXPECT_NE(answer.find("retry-after: "), std::string::npos);
}

TEST_F(ServerTest, CarriesLargeBodiesThroughThePoolAndBack) {
  const std::uint16_t port = start();
  CurlClient client;
  HttpRequest request;
  request.url = fmt::format("http://127.0.0.1:{}/slow-echo", port);
  request.method = "POST";
  request.body = std::string(4U << 20U, 'k');
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.send(request);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, request.body);
  }
}

}  // namespace
}  // namespace kiln::http
