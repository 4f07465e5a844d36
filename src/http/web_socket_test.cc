#include "http/web_socket.h"

#include <gtest/gtest.h>

namespace kiln::http {
namespace {

using std::string_literals::operator""s;

// A client's frame: `first` is the opcode with its flags, `mask` four bytes or none.
std::string client_frame(unsigned first, const std::string& payload,
                         const std::string& mask = "\x37\xfa\x21\x3d") {
  std::string out(1, static_cast<char>(first));
  const char masked = mask.empty() ? '\0' : '\x80';
  if (payload.size() < 126) {
    out += static_cast<char>(masked | static_cast<char>(payload.size()));
  } else {
    out += static_cast<char>(masked | 126);
    out += static_cast<char>(payload.size() >> 8U);
    out += static_cast<char>(payload.size() & 0xffU);
  }
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += mask.empty() ? payload[i] : static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

Frame whole(const std::string& bytes) {
  const auto frame = read_frame(bytes);
  EXPECT_TRUE(frame && *frame) << bytes.size();
  return frame && *frame ? **frame : Frame{};
}

TEST(WebSocketFrames, AreUnmasked) {
  // The example of RFC 6455, 5.7.
  const Frame hello = whole("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s);
  EXPECT_EQ(hello.opcode, Opcode::text);
  EXPECT_EQ(hello.payload, "Hello");
  EXPECT_EQ(hello.size, 11U);
  EXPECT_EQ(whole(client_frame(0x81, "first", "")).payload, "first");
  EXPECT_EQ(whole(client_frame(0x89, "beat")).opcode, Opcode::ping);
  EXPECT_EQ(whole(client_frame(0x82, "")).payload, "");
}

TEST(WebSocketFrames, ComeInPiecesAndInARow) {
  const std::string first = client_frame(0x81, std::string(300, 'a'));
  const std::string both = first + client_frame(0x88, "\x03\xe8");
  for (std::size_t size = 0; size < first.size(); ++size) {
    const auto part = read_frame(std::string_view(both).substr(0, size));
    ASSERT_TRUE(part) << size;
    EXPECT_FALSE(*part) << size;
  }
  const Frame frame = whole(both);
  EXPECT_EQ(frame.payload, std::string(300, 'a'));
  EXPECT_EQ(whole(both.substr(frame.size)).opcode, Opcode::close);
}

TEST(WebSocketFrames, OfOneMessageAreReadOneByOne) {
  EXPECT_EQ(whole(client_frame(0x01, "be")).opcode, Opcode::text);
  EXPECT_EQ(whole(client_frame(0x00, "gun")).opcode, Opcode::more);
  EXPECT_EQ(whole(client_frame(0x80, "!")).payload, "!");
}

TEST(WebSocketFrames, AreRefusedWhenTheyCannotBe) {
  for (const std::string& bytes :
       {client_frame(0xc1, "reserved bit"), client_frame(0x83, "opcode 3"), client_frame(0x8b, "opcode 11"),
        client_frame(0x09, "half a ping"), client_frame(0x88, std::string(126, 'x'))}) {
    const auto frame = read_frame(bytes);
    ASSERT_FALSE(frame) << bytes.size();
    EXPECT_EQ(frame.error().code, Errc::invalid);
  }
}

TEST(WebSocketFrames, AreRefusedForTheirSizeBeforeTheyHaveCome) {
  EXPECT_TRUE(*read_frame(client_frame(0x82, std::string(kMaxClientFrame, 'x'))));
  EXPECT_EQ(read_frame("\x82\xfe\x40\x01"s).error().code, Errc::too_large);
  EXPECT_EQ(read_frame("\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00"s).error().code, Errc::too_large);
  EXPECT_EQ(read_frame("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff"s).error().code, Errc::too_large);
}

TEST(WebSocketFrames, OfOurOwnAreReadBack) {
  for (const std::size_t size : {0U, 125U, 126U, 16384U}) {
    std::string out = "before";
    append_frame(out, Opcode::text, std::string(size, 'x'));
    EXPECT_EQ(whole(out.substr(6)).payload.size(), size);
  }
  std::string large;
  append_frame(large, Opcode::text, std::string(65536, 'x'));
  EXPECT_EQ(large.substr(0, 10), "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
  EXPECT_EQ(large.size(), 65546U);
}

TEST(WebSocketFrames, ACloseIsAnsweredWithItsCodeWhenThatIsOne) {
  EXPECT_EQ(close_answer(""), "");
  EXPECT_EQ(close_answer("\x03\xe8 bye"), kCloseNormal);
  EXPECT_EQ(close_answer("\x03\xe9"), "\x03\xe9");  // 1001
  EXPECT_EQ(close_answer("\x0b\xb8"), "\x0b\xb8");  // 3000
  EXPECT_EQ(close_answer("\x13\x87"), "\x13\x87");  // 4999
  for (const std::string& payload : {"\x03"s, "\x00\x00"s, "\x03\xe7"s, "\x03\xec"s, "\x03\xed"s, "\x03\xee"s,
                                     "\x03\xf7"s, "\x07\xd0"s, "\x13\x88"s, "\xff\xff"s}) {
    EXPECT_EQ(close_answer(payload), kCloseProtocol) << payload.size();
  }
}

TEST(WebSocketHandshake, AnswersTheKey) {
  Request request;
  request.headers = {{"upgrade", "WebSocket"},
                     {"connection", "keep-alive, Upgrade"},
                     {"sec-websocket-version", "13"},
                     {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                     {"sec-websocket-protocol", "other, trace-v1"}};
  EXPECT_EQ(accept_web_socket(request, "trace-v1").value(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(accept_web_socket(request, "chat").error().code, Errc::invalid);
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    Request broken = request;
    broken.headers[i].second = "x";
    EXPECT_EQ(accept_web_socket(broken, "trace-v1").error().code, Errc::invalid) << broken.headers[i].first;
  }
}

}  // namespace
}  // namespace kiln::http
