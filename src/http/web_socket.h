// WebSocket frames (RFC 6455), as far as a server needs them that mostly speaks. Pure functions and values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace kiln::http {

enum class Opcode : std::uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Appends one whole frame.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);

struct Frame {
  Opcode opcode = Opcode::text;
  std::string payload;
  std::size_t size = 0;  // of the frame in the bytes
};

inline constexpr std::uint64_t kMaxClientFrame = 16U << 10U;

// The first frame in `bytes`, masked or not: wrangler's first one is not. Nothing: it is not whole yet.
// Errors: Errc::invalid, Errc::too_large.
[[nodiscard]] Result<std::optional<Frame>> read_frame(std::string_view bytes);

// The code that ends a connection, big-endian as a close frame carries it.
inline constexpr std::string_view kCloseNormal{"\x03\xe8", 2};    // 1000
inline constexpr std::string_view kCloseProtocol{"\x03\xea", 2};  // 1002
inline constexpr std::string_view kCloseTooLarge{"\x03\xf1", 2};  // 1009

// What a client's close frame is answered with: its own code, nothing when it has none, 1002 when it is none
// that a client may send.
[[nodiscard]] std::string_view close_answer(std::string_view payload);

// The Sec-WebSocket-Accept for a request that asks for a WebSocket of that protocol. Errors: Errc::invalid,
// saying what is missing.
[[nodiscard]] Result<std::string> accept_web_socket(const Request& request, std::string_view protocol);

}  // namespace kiln::http
