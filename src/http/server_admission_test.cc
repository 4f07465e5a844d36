// Who is let in, and what strangers may take of the server.
#include <thread>

#include "http/server_for_test.h"

namespace kiln::http {
namespace {

using std::chrono::steady_clock;

class ServerAdmissionTest : public ServerTest {
 protected:
  ServerAdmissionTest() {
    const auto check = [](const Request& request) -> std::optional<Response> {
      const std::string_view who = request.header("x-who");
      if (who.empty()) return refuse(request, Error{Errc::unauthenticated, "who are you?", {}});
      request.caller = who.size();
      return std::nullopt;
    };
    router_.add("POST", "/mine", {1U << 20U, Work::quick}, Guarded{check, echo});
    router_.add("GET", "/mine", {}, Guarded{check, [](const Request&) -> Reply { return Response{}; }});
    router_.add("POST", "/held", {1U << 20U, Work::quick},
                Guarded{check, [this](const Request& request) { return waiting(request); }});
    router_.add("POST", "/anybodys", {1U << 20U, Work::quick}, echo);
    router_.add("POST", "/long", {1U << 20U, Work::quick}, [](const Request&) -> Reply {
      return Response{200, {}, std::string(32U << 20U, 'l')};
    });
    router_.add("GET", "/room", {}, [](const Request& request) -> Reply {
      return Response{200, {}, "<" + std::to_string(request.body.capacity()) + ">"};
    });
    router_.add("GET", "/peer", {}, [](const Request& request) -> Reply {
      return Response{200, {}, "<" + request.peer + ">"};
    });
  }

  static std::string post(const std::string& path, const std::string& who, std::size_t length) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: x\r\n{}Content-Length: {}\r\n\r\n", path,
                       who.empty() ? "" : "X-Who: " + who + "\r\n", length);
  }
};

TEST_F(ServerAdmissionTest, RefusesByTheHeadBeforeAnythingOfTheBody) {
  const std::uint16_t port = start();
  for (const char* path : {"/mine", "/nowhere", "/hello"}) {
    Wire wire(port);
    wire.send(post(path, "", 1'000'000));
    const std::string answer = wire.to_end();
    const std::map<std::string, std::string> statuses{
        {"/mine", "401"}, {"/nowhere", "404"}, {"/hello", "405"}};
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + statuses.at(path))) << answer;
    EXPECT_NE(answer.find("connection: close"), std::string::npos);
  }
}

TEST_F(ServerAdmissionTest, TakesTheBodyOfWhoIsKnown) {
  Wire wire(start());
  wire.send(post("/mine", "me", 5) + "hello");
  EXPECT_TRUE(wire.response().ends_with("hello"));
  wire.send("POST /mine HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_TRUE(wire.response().starts_with("HTTP/1.1 401 ")) << "each body's sender is looked at";
}

TEST_F(ServerAdmissionTest, AConnectionThatStaysKeepsNoLargeBodysMemory) {
  Wire wire(start());
  wire.send(post("/mine", "me", 900'000) + std::string(900'000, 'a'));
  EXPECT_TRUE(wire.response().ends_with("aaa"));
  wire.get("/room");
  EXPECT_TRUE(wire.response().ends_with("<15>")) << "what a string holds without memory of its own";
}

TEST_F(ServerAdmissionTest, TheLongestIdleStrangerGivesWay) {
  options_.connections = {3, 0};
  const std::uint16_t port = start();
  Wire mine(port);
  mine.send("GET /mine HTTP/1.1\r\nHost: x\r\nX-Who: me\r\n\r\n");
  EXPECT_TRUE(mine.response().starts_with("HTTP/1.1 200 "));
  Wire idle(port);
  Wire drip(port);
  drip.send("GET /hel");
  Wire next(port);
  EXPECT_EQ(idle.to_end(), "");
  Wire another(port);
  another.get("/hello");
  EXPECT_TRUE(another.response().ends_with("hello"));
  EXPECT_EQ(drip.to_end(), "");
  mine.send("GET /mine HTTP/1.1\r\nHost: x\r\nX-Who: me\r\n\r\n");
  EXPECT_TRUE(mine.response().starts_with("HTTP/1.1 200 ")) << "and nobody who is known";
}

TEST_F(ServerAdmissionTest, APeerOverItsShareLosesItsOwnLongestIdleConnection) {
  options_.connections = {100, 2};
  const std::uint16_t port = start();
  Wire first(port);
  Wire second(port);
  Wire third(port);
  EXPECT_EQ(first.to_end(), "");
  second.get("/hello");
  EXPECT_TRUE(second.response().ends_with("hello"));
}

TEST_F(ServerAdmissionTest, ABodyThatDripsIsGivenUpHoweverSteadily) {
  options_.body_grace_ms = 50;
  options_.body_bytes_per_second = 1U << 30U;
  Wire wire(start());
  wire.send(post("/anybodys", "", 1U << 20U));
  std::atomic<bool> over = false;
  std::thread drips([&] {
    for (int i = 0; i < 1'000'000 && !over; ++i) wire.send("a");
  });
  EXPECT_TRUE(wire.head().starts_with("HTTP/1.1 408 "));
  over = true;
  drips.join();
}

TEST_F(ServerAdmissionTest, ACallersBodiesWaitForItsOwnOthersAndForNobodyElses) {
  options_.bodies = {1'000'000, 100'000, 50'000};
  const std::uint16_t port = start();
  Wire first(port);
  first.send(post("/held", "me", 90'000) + std::string(90'000, 'a'));
  EXPECT_TRUE(wakes_.wait_for(1));
  Wire second(port);
  second.send(post("/mine", "me", 90'000) + std::string(90'000, 'b'));
  Wire other(port);
  other.send(post("/mine", "another", 90'000) + std::string(90'000, 'c'));
  EXPECT_TRUE(other.response().ends_with("ccc"));
  EXPECT_FALSE(second.has_ended());
  set_value(1);
  EXPECT_TRUE(first.response().ends_with("value 1"));
  EXPECT_TRUE(second.response().ends_with("bbb"));
}

TEST_F(ServerAdmissionTest, ABodyForWhichThereIsNoRoomInTimeIsRefusedInWords) {
  options_.bodies = {1'000'000, 100'000, 50'000};
  options_.body_wait_ms = 20;
  const std::uint16_t port = start();
  Wire first(port);
  first.send(post("/held", "me", 90'000) + std::string(90'000, 'a'));
  EXPECT_TRUE(wakes_.wait_for(1));
  Wire second(port);
  second.send(post("/mine", "me", 90'000));
  const std::string answer = second.to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 429 ")) << answer;
  EXPECT_NE(answer.find("this token's requests"), std::string::npos);
}

TEST_F(ServerAdmissionTest, StrangersBodiesHaveASmallPartOfWhichTheOldestGivesWay) {
  options_.bodies = {1'000'000, 900'000, 150'000};
  const std::uint16_t port = start();
  Wire oldest(port);
  oldest.send(post("/anybodys", "", 200'000) + std::string(60'000, 'a'));
  Wire next(port);
  next.get("/hello");
  EXPECT_TRUE(next.response().ends_with("hello")) << "what had come before has been read by now";
  next.send(post("/anybodys", "", 90'000) + std::string(90'000, 'b'));
  EXPECT_TRUE(next.response().ends_with("bbb"));
  const std::string answer = oldest.to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_NE(answer.find("this one had to give way"), answer.npos) << answer;
}

TEST_F(ServerAdmissionTest, ABodyEndsWithItsAnswerAlsoWhenNobodyReadsThat) {
  options_.bodies = {1'000'000, 800'000, 150'000};
  const std::uint16_t port = start();
  Wire silent(port);
  silent.send(post("/long", "", 100'000) + std::string(100'000, 'a'));
  Wire next(port);
  next.get("/hello");
  EXPECT_TRUE(next.response().ends_with("hello")) << "what had come before has been read by now";
  next.send(post("/anybodys", "", 90'000) + std::string(90'000, 'b'));
  EXPECT_TRUE(next.response().ends_with("bbb"));
}

TEST_F(ServerAdmissionTest, FewLargeHeadsComeAtOnceAndUsualOnesBesideThem) {
  options_.large_heads = 1;
  const std::uint16_t port = start();
  const std::string begun = "GET /hello HTTP/1.1\r\nHost: x\r\nX-Large: " + std::string(20'000, 'a');
  Wire first(port);
  first.send(begun);
  Wire usual(port);
  usual.get("/hello");
  EXPECT_TRUE(usual.response().ends_with("hello")) << "what had come before has been read by now";
  Wire second(port);
  second.send(begun);
  const std::string answer = second.to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  Wire whole(port);
  whole.send(begun + "\r\n\r\n");
  EXPECT_TRUE(whole.response().ends_with("hello")) << "one that comes whole waits for nothing";
  Wire body(port);
  body.send(post("/mine", "me", 25'000) + std::string(25'000, 'b'));
  EXPECT_TRUE(body.response().ends_with("bbb")) << "a body behind a usual head is none";
  first.send("\r\n\r\n");
  EXPECT_TRUE(first.response().ends_with("hello"));
  Wire third(port);
  third.send(begun);
  usual.get("/hello");
  EXPECT_TRUE(usual.response().ends_with("hello"));
  third.send("\r\n\r\n");
  EXPECT_TRUE(third.response().ends_with("hello")) << "the place was given back";
}

TEST_F(ServerAdmissionTest, BelievesOnlyTrustedProxiesAboutTheirClients) {
  const std::string told = "GET /peer HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 192.0.2.1\r\n\r\n";
  {
    Wire wire(start());
    wire.send(told);
    EXPECT_TRUE(wire.response().ends_with("<127.0.0.1>"));
  }
  server_ = nullptr;
  options_.trusted_proxies.addresses = *IpRanges::parse({"127.0.0.1"});
  const std::uint16_t port = start();
  Wire wire(port);
  wire.send(told);
  EXPECT_TRUE(wire.response().ends_with("<192.0.2.1>"));
  wire.get("/peer");
  EXPECT_TRUE(wire.response().ends_with("<127.0.0.1>")) << "of each request anew";
  Wire proxied(port);
  const std::string header("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\7\x7f\0\0\1\0\1\0\2", 28);
  for (const char byte : header) proxied.send({&byte, 1});
  proxied.send(told);
  EXPECT_TRUE(proxied.response().ends_with("<192.0.2.7>")) << "who is no proxy itself";
  proxied.send(header);
  EXPECT_TRUE(proxied.to_end().starts_with("HTTP/1.1 400 ")) << "it comes once, in front of all";
}

}  // namespace
}  // namespace kiln::http
