#include "http/server_for_test.h"

namespace kiln::http {
namespace {

TEST_F(ServerTest, AnswersAWaitWhenItsTopicIsNotified) {
  const std::uint16_t port = start();
  for (const char* target : {"/wait", "/wait-in-pool"}) {
    value_ = 0;
    Wire wire(port);
    wire.get(target);
    ASSERT_TRUE(wakes_.wait_for(1));
    wakes_.notify("value");  // nothing there yet: waits on
    set_value(7);
    EXPECT_TRUE(wire.until("value 7").starts_with("HTTP/1.1 200 ")) << target;
    ASSERT_TRUE(wakes_.wait_for(0));
    wire.get("/hello");
    EXPECT_TRUE(wire.until("hello").starts_with("HTTP/1.1 200 "));
  }
}

TEST_F(ServerTest, KeepsRequestsSentDuringAWait) {
  Wire wire(start());
  wire.get("/wait");
  ASSERT_TRUE(wakes_.wait_for(1));
  wire.get("/hello");
  set_value(1);
  const std::string both = wire.until("hello");
  EXPECT_LT(both.find("value 1"), both.find("hello"));
}

TEST_F(ServerTest, AsksALastTimeWhenAWaitIsOver) {
  Wire wire(start());
  wire.get("/brief");
  EXPECT_TRUE(wire.until("time is up").starts_with("HTTP/1.1 200 "));
  wire.get("/endless");
  EXPECT_TRUE(wire.head().starts_with("HTTP/1.1 500 "));
}

TEST_F(ServerTest, ForgetsAWaitingClientThatLeaves) {
  Wire wire(start());
  wire.get("/wait");
  ASSERT_TRUE(wakes_.wait_for(1));
  wire.close();
  EXPECT_TRUE(wakes_.wait_for(0));
}

TEST_F(ServerTest, StreamsPiecesAsTheyCome) {
  const std::uint16_t port = start();
  for (const char* target : {"/stream", "/stream-in-pool"}) {
    value_ = 0;
    Wire wire(port);
    wire.get(target);
    const std::string head = wire.head();
    EXPECT_NE(head.find("transfer-encoding: chunked"), std::string::npos);
    EXPECT_EQ(head.find("content-length"), std::string::npos);
    ASSERT_TRUE(wakes_.wait_for(1));
    set_value(1);
    EXPECT_EQ(wire.until("piece 1;\r\n"), "8\r\npiece 1;\r\n");
    set_value(3);
    EXPECT_EQ(wire.until("0\r\n\r\n"), "8\r\npiece 2;\r\n8\r\npiece 3;\r\n0\r\n\r\n");
    wire.get("/hello");
    EXPECT_TRUE(wire.until("hello").starts_with("HTTP/1.1 200 "));
  }
}

TEST_F(ServerTest, StreamsToHttp10WithoutChunks) {
  value_ = 3;
  Wire wire(start());
  wire.send("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(wire.to_end().ends_with("\r\n\r\npiece 1;piece 2;piece 3;"));
}

TEST_F(ServerTest, EndsAStreamWhoseClientLeaves) {
  Wire wire(start());
  wire.get("/stream");
  ASSERT_TRUE(wakes_.wait_for(1));
  wire.close();
  EXPECT_TRUE(wakes_.wait_for(0));
}

TEST_F(ServerTest, SurvivesAHandlerThatThrows) {
  Wire wire(start());
  wire.get("/throws");
  EXPECT_TRUE(wire.until("no luck").starts_with("HTTP/1.1 500 "));
  wire.get("/hello");
  EXPECT_TRUE(wire.until("hello").starts_with("HTTP/1.1 200 "));
}

TEST_F(ServerTest, StopsAtOnceWithClientsInEveryState) {
  const std::uint16_t port = start();
  Wire idle(port);
  Wire half(port);
  half.send("GET /hel");
  Wire waiting(port);
  waiting.get("/wait");
  Wire streaming(port);
  streaming.get("/stream-in-pool");
  Wire unread(port);
  unread.get("/big");
  ASSERT_TRUE(wakes_.wait_for(2));
  const auto began = std::chrono::steady_clock::now();
  server().stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_TRUE(wakes_.wait_for(0));
  EXPECT_EQ(waiting.to_end(), "");
  server().stop();
}

TEST_F(ServerTest, EndsCleanlyWithoutEverStarting) {
  const auto port = server().listen_tcp("127.0.0.1", 0);
  ASSERT_TRUE(port);
  Wire wire(*port);
}

TEST_F(ServerTest, RefusesAddressesItCannotHave) {
  const std::uint16_t port = start();
  const auto taken = server().listen_tcp("127.0.0.1", port);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::io);
  const auto strange = server().listen_tcp("not an address", 0);
  ASSERT_FALSE(strange);
  EXPECT_EQ(strange.error().code, Errc::invalid);
}

}  // namespace
}  // namespace kiln::http
