// Bodies that nobody keeps whole, in and out.
#include "base/hash.h"
#include "http/server_for_test.h"

namespace kiln::http {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

class Taking final : public BodySink {
 public:
  explicit Taking(std::atomic<int>& alive) : alive_(alive) { ++alive_; }
  ~Taking() override { --alive_; }
  Taking(const Taking&) = delete;
  Taking& operator=(const Taking&) = delete;
  void take(std::string_view piece) override {
    largest = std::max(largest, piece.size());
    size += piece.size();
    hash.add(piece);
  }

  std::size_t largest = 0;
  std::size_t size = 0;
  Sha256 hash;

 private:
  std::atomic<int>& alive_;
};

class PiecesTest : public ServerTest {
 protected:
  PiecesTest() {
    const HeadCheck check = [this](const Request& request) -> std::optional<Response> {
      if (request.header("x-stranger") == "1") return Response{401, {}, "who are you"};
      request.caller = known_ ? 7 : 0;
      return std::nullopt;
    };
    const Handler answer = [](const Request& request) -> Reply {
      auto* taking = dynamic_cast<Taking*>(request.sink.get());
      if (taking == nullptr) return Response{200, {}, "nothing came"};
      return Response{
          200, {}, fmt::format("{} {} {}", taking->size, taking->largest <= kMiB / 2, request.body.size())};
    };
    router_.add("PUT", "/pieces", {64 * kMiB, Work::store},
                Guarded{check, answer, [this](const Request&) { return std::make_shared<Taking>(alive_); }});
    router_.add("GET", "/known-length", {64, Work::read}, [](const Request& request) -> Reply {
      const std::size_t wanted = request.query_value("short") ? 2 : 3;
      return Stream{200,
                    {},
                    [left = wanted]() mutable -> StreamStep {
                      --left;
                      return {std::string(kMiB, static_cast<char>('a' + left)), std::nullopt, left == 0};
                    },
                    3 * kMiB};
    });
  }

  std::atomic<int> alive_ = 0;
  bool known_ = true;
};

TEST_F(PiecesTest, ABodyIsHandedOnAsItComes) {
  options_.bodies = {2 * kMiB, kMiB, kMiB / 2};
  Wire wire(start());
  wire.send(fmt::format("PUT /pieces HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", 8 * kMiB));
  for (int i = 0; i < 8; ++i) wire.send(std::string(kMiB, 'x'));
  EXPECT_TRUE(wire.response().ends_with(fmt::format("{} true 0", 8 * kMiB)))
      << "larger than all bodies may be";
  wire.send(
      "PUT /pieces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_TRUE(wire.response().ends_with("5 true 0"));
  wire.send("PUT /pieces HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(wire.response().ends_with("nothing came"));
  EXPECT_EQ(alive_, 0);
}

TEST_F(PiecesTest, NobodyTakesWhatIsRefused) {
  const std::uint16_t port = start();
  Wire wire(port);
  wire.send("PUT /pieces HTTP/1.1\r\nHost: x\r\nX-Stranger: 1\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(wire.to_end().starts_with("HTTP/1.1 401 "));
  Wire large(port);
  large.send(fmt::format("PUT /pieces HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", 65 * kMiB));
  EXPECT_TRUE(large.to_end().starts_with("HTTP/1.1 413 "));
  EXPECT_EQ(alive_, 0);
}

TEST_F(PiecesTest, WhoIsLetInMustBeKnown) {
  known_ = false;
  Wire wire(start());
  wire.send("PUT /pieces HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(wire.to_end().starts_with("HTTP/1.1 500 "));
}

TEST_F(PiecesTest, ABodyThatIsCutShortEndsWithItsRequest) {
  const std::uint16_t port = start();
  {
    Wire wire(port);
    wire.send("PUT /pieces HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 50\r\n\r\n");
    EXPECT_TRUE(wire.head().starts_with("HTTP/1.1 100 "));
    EXPECT_EQ(alive_, 1);
  }
  Wire other(port);
  other.get("/hello");
  EXPECT_TRUE(other.response().ends_with("hello"));
  server().stop();
  EXPECT_EQ(alive_, 0);
}

TEST_F(PiecesTest, AnAnswerOfKnownLengthSaysSo) {
  Wire wire(start());
  for (int i = 0; i < 2; ++i) {
    wire.get("/known-length");
    const std::string answer = wire.response();
    EXPECT_NE(answer.find(fmt::format("content-length: {}\r\n", 3 * kMiB)), std::string::npos);
    EXPECT_EQ(answer.find("chunked"), std::string::npos);
    EXPECT_TRUE(answer.ends_with(std::string(kMiB, 'b') + std::string(kMiB, 'a')));
  }
  wire.get("/known-length?short=1");
  EXPECT_LT(wire.to_end().size(), 3 * kMiB)
      << "and ends with the connection, so that nobody takes it for whole";
}

}  // namespace
}  // namespace kiln::http
