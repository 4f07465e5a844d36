// Bodies, tunnels and clients that leave.
#include <gmock/gmock.h>

#include <future>

#include "serving/front/front_for_test.h"

namespace kiln::serving {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::size_t kLarge = 8U << 20U;

// What FrontTest's Worker got of a body of `size` bytes, as "<count> <sum>".
std::string fingerprint(std::string_view bytes) {
  std::uint64_t sum = 0;
  for (const char byte : bytes) sum = sum * 31 + static_cast<unsigned char>(byte);
  return fmt::format("{} {}", bytes.size(), sum);
}

std::string varied(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 2654435761U >> 13U);
  return out;
}

TestProcess::Serve counting(std::size_t size) {
  return [size](Peer& peer) {
    while (!peer.head().empty()) peer.answer(fingerprint(peer.exactly(size)));
  };
}

TEST_F(FrontTest, StreamsALargeUpload) {
  deploy(counting(kLarge));
  const std::string body = varied(kLarge);
  http::Wire wire(port());
  wire.send(
      fmt::format("PUT /a HTTP/1.1\r\nHost: shop.acme.localhost\r\nContent-Length: {}\r\n\r\n", kLarge));
  wire.send(body);
  EXPECT_THAT(wire.response(), EndsWith("\r\n\r\n" + fingerprint(body)));
}

TEST_F(FrontTest, StreamsALargeAnswer) {
  const std::string body = varied(kLarge);
  deploy([&](Peer& peer) {
    while (!peer.head().empty()) peer.answer(body);
  });
  http::Wire wire(port());
  for (int i = 0; i < 2; ++i) {
    wire.get("/");  // of a host that nobody has
    EXPECT_THAT(wire.response(), StartsWith("HTTP/1.1 404 "));
    wire.send("GET / HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n");
    const std::string answer = wire.response();
    EXPECT_EQ(fingerprint(std::string_view(answer).substr(answer.find("\r\n\r\n") + 4)), fingerprint(body));
  }
}

TEST_F(FrontTest, PassesBothWaysAtOnce) {
  // Echoes each chunk before the next one comes.
  deploy([](Peer& peer) {
    (void)peer.head();
    peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    for (std::string line = peer.until("\r\n"); !line.empty(); line = peer.until("\r\n")) {
      peer.send(line);
      if (line == "0\r\n") peer.send(peer.until("\r\n"));
    }
  });
  http::Wire wire(port());
  wire.send("POST / HTTP/1.1\r\nHost: shop.acme.localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(wire.head(), StartsWith("HTTP/1.1 200 OK\r\n"));
  for (int i = 0; i < 3; ++i) {
    wire.send("3\r\nabc\r\n");
    EXPECT_EQ(wire.until("abc\r\n"), "3\r\nabc\r\n");
  }
  wire.send("0\r\n\r\n");
  EXPECT_EQ(wire.until("0\r\n\r\n"), "0\r\n\r\n");
}

TEST_F(FrontTest, AsksForTheBodyWhenTheClientWaitsForThat) {
  deploy(counting(3));
  http::Wire wire(port());
  wire.send(
      "POST / HTTP/1.1\r\nHost: shop.acme.localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(wire.head(), "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("abc");
  EXPECT_THAT(wire.response(), EndsWith(fingerprint("abc")));
  wire.send(
      "POST / HTTP/1.1\r\nHost: no.acme.localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(wire.head(), StartsWith("HTTP/1.1 404 ")) << "nobody wants that body";
}

TEST_F(FrontTest, LetsTheClientReadAnAnswerThatCameBeforeItsBody) {
  deploy([](Peer& peer) {
    (void)peer.head();
    peer.send("HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig");
  });
  http::Wire wire(port());
  wire.send(fmt::format("PUT / HTTP/1.1\r\nHost: shop.acme.localhost\r\nContent-Length: {}\r\n\r\n", kLarge));
  wire.send(varied(kLarge));
  EXPECT_THAT(wire.response(), ::testing::AllOf(StartsWith("HTTP/1.1 413 "), EndsWith("big")));
}

TEST_F(FrontTest, TellsTheProcessThatTheClientHasLeft) {
  std::promise<void> asked;
  std::promise<void> told;
  deploy([&](Peer& peer) {
    (void)peer.head();
    asked.set_value();
    if (peer.some().empty()) told.set_value();
  });
  http::Wire wire(port());
  wire.send("GET / HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n");
  asked.get_future().wait();
  wire.close();
  EXPECT_EQ(told.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(FrontTest, TellsTheProcessThatTheClientHasLeftInItsBody) {
  std::promise<void> asked;
  std::promise<void> told;
  deploy([&](Peer& peer) {
    (void)peer.head();
    (void)peer.exactly(3);
    asked.set_value();
    if (peer.some().empty()) told.set_value();
  });
  http::Wire wire(port());
  wire.send("POST / HTTP/1.1\r\nHost: shop.acme.localhost\r\nContent-Length: 10\r\n\r\nabc");
  asked.get_future().wait();
  wire.close();
  EXPECT_EQ(told.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(FrontTest, AVisitorWhoseBodyComesSlowlyGivesWay) {
  options_.connections = {2, 0};
  deploy([](Peer& peer) {
    while (!peer.head().empty()) {
      peer.answer("served");
      while (!peer.some().empty()) {
      }
    }
  });
  const std::string upload = "POST / HTTP/1.1\r\nHost: shop.acme.localhost\r\nContent-Length: 100\r\n\r\n";
  http::Wire first(port());
  http::Wire second(port());
  for (http::Wire* slow : {&first, &second}) {
    slow->send(upload + "a");
    EXPECT_THAT(slow->response(), EndsWith("served")) << "its body is on its way";
  }
  http::Wire next(port());
  next.send("GET / HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n");
  EXPECT_THAT(next.response(), EndsWith("served"));
  EXPECT_EQ(first.to_end(), "");
}

TEST_F(FrontTest, AVisitorWhoReadsSlowlyGivesWay) {
  options_.connections = {1, 0};
  std::promise<void> asked;
  deploy([&](Peer& peer) {
    if (peer.head().find(" /large ") == std::string::npos) return peer.answer("served");
    peer.send(fmt::format("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", kLarge));
    asked.set_value();
    peer.send(varied(kLarge));
  });
  http::Wire slow(port());
  slow.send("GET /large HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n");
  asked.get_future().wait();
  // Turned away until the answer fills what the system takes for the slow one.
  for (bool served = false; !served;) {
    http::Wire next(port());
    next.send("GET / HTTP/1.1\r\nHost: shop.acme.localhost\r\nConnection: close\r\n\r\n");
    served = next.to_end().find("served") != std::string::npos;
  }
}

TEST_F(FrontTest, AnIdleWebSocketGivesWay) {
  options_.connections = {1, 0};
  deploy([](Peer& peer) {
    if (peer.head().find("pgrade: websocket") == std::string::npos) return peer.answer("served");
    peer.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    (void)peer.some();
  });
  http::Wire idle(port());
  idle.send(
      "GET / HTTP/1.1\r\nHost: shop.acme.localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  EXPECT_THAT(idle.head(), StartsWith("HTTP/1.1 101 "));
  for (bool served = false; !served;) {
    http::Wire next(port());
    next.send("GET / HTTP/1.1\r\nHost: shop.acme.localhost\r\nConnection: close\r\n\r\n");
    served = next.to_end().find("served") != std::string::npos;
  }
  EXPECT_EQ(idle.to_end(), "");
}

TEST_F(FrontTest, CutsAnAnswerThatHasNoEnd) {
  deploy([](Peer& peer) {
    (void)peer.head();
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
  });
  EXPECT_THAT(get("/"), EndsWith("\r\n\r\nabc"));
}

TEST_F(FrontTest, TunnelsAWebSocket) {
  deploy([](Peer& peer) {
    const std::string head = peer.head();
    EXPECT_THAT(head, HasSubstr("\r\nconnection: upgrade\r\nupgrade: websocket\r\n"));
    EXPECT_THAT(head, HasSubstr("Sec-WebSocket-Key: k\r\n"));
    peer.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "sec-websocket-accept: a\r\n\r\nfirst");
    for (std::string bytes = peer.some(); !bytes.empty(); bytes = peer.some()) peer.send(bytes);
  });
  http::Wire wire(port());
  wire.send(
      "GET / HTTP/1.1\r\nHost: shop.acme.localhost\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n"
      "Sec-WebSocket-Key: k\r\n\r\nearly");
  const std::string head = wire.head();
  EXPECT_THAT(head, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_THAT(head, HasSubstr("upgrade: websocket\r\n"));
  EXPECT_THAT(head, HasSubstr("sec-websocket-accept: a\r\n"));
  EXPECT_EQ(wire.until("early"), "firstearly");
  wire.send("later");
  EXPECT_EQ(wire.until("later"), "later");
  wire.shutdown_send();
  EXPECT_EQ(wire.to_end(), "");
}

}  // namespace
}  // namespace kiln::serving
