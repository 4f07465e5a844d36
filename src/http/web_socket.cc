#include "http/web_socket.h"

#include <algorithm>

#include "base/hash.h"
#include "base/strings.h"

namespace kiln::http {
namespace {

constexpr unsigned kFinal = 0x80;
constexpr unsigned kMasked = 0x80;
constexpr std::size_t kKeySize = 24;  // of base64 of 16 bytes

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t number = 0;
  for (const char byte : bytes.substr(at, count)) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

// Of 20 bytes: 28 characters, one of them padding.
std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    const std::uint64_t bits = number_at(bytes, i, count) << 8U * (3 - count);
    for (std::size_t digit = 0; digit < 4; ++digit)
      out += digit <= count ? digits[bits >> 6U * (3 - digit) & 63U] : '=';
  }
  return out;
}

// Whether a comma-separated header lists that word, in whatever case.
bool lists(std::string_view header, std::string_view word) {
  const std::string lower = to_lower(header);
  for (std::size_t begin = 0; begin <= lower.size();) {
    const std::size_t comma = std::min(lower.find(',', begin), lower.size());
    std::string_view item = std::string_view(lower).substr(begin, comma - begin);
    while (item.starts_with(' ') || item.starts_with('\t')) item.remove_prefix(1);
    while (item.ends_with(' ') || item.ends_with('\t')) item.remove_suffix(1);
    if (item == word) return true;
    begin = comma + 1;
  }
  return false;
}

}  // namespace

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  const auto byte = [&out](std::uint64_t value) { out += static_cast<char>(value & 0xffU); };
  byte(kFinal | static_cast<unsigned>(opcode));
  if (payload.size() < 126) {
    byte(payload.size());
  } else if (payload.size() < 65536) {
    byte(126);
    byte(payload.size() >> 8U);
    byte(payload.size());
  } else {
    byte(127);
    for (int shift = 56; shift >= 0; shift -= 8) byte(static_cast<std::uint64_t>(payload.size()) >> shift);
  }
  out += payload;
}

Result<std::optional<Frame>> read_frame(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  const unsigned opcode = first & 0x0fU;
  if ((first & 0x70U) != 0 || (opcode > 2 && opcode < 8) || opcode > 10)
    return fail(Errc::invalid, "This is not a WebSocket frame.");
  std::size_t at = 2;
  std::uint64_t length = second & 0x7fU;
  if (length >= 126) {
    const std::size_t wide = length == 126 ? 2 : 8;
    if (bytes.size() < at + wide) return std::nullopt;
    length = number_at(bytes, at, wide);
    at += wide;
  }
  const bool is_control = opcode >= 8;
  if (is_control && (length > 125 || (first & kFinal) == 0))
    return fail(Errc::invalid, "A control frame is short and in one piece.");
  if (length > kMaxClientFrame) return fail(Errc::too_large, "The client's frame is too large.");
  std::string_view mask;
  if ((second & kMasked) != 0) {
    if (bytes.size() < at + 4) return std::nullopt;
    mask = bytes.substr(at, 4);
    at += 4;
  }
  if (bytes.size() - at < length) return std::nullopt;
  Frame frame;
  frame.opcode = static_cast<Opcode>(opcode);
  frame.payload = std::string(bytes.substr(at, length));
  frame.size = at + length;
  for (std::size_t i = 0; !mask.empty() && i < frame.payload.size(); ++i)
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  return frame;
}

std::string_view close_answer(std::string_view payload) {
  if (payload.empty()) return {};
  if (payload.size() < 2) return kCloseProtocol;
  const std::uint64_t code = number_at(payload, 0, 2);
  // 1004 to 1006 and 1015 are never sent; below 3000 the rest is not defined.
  const bool defined = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
  return defined || (code >= 3000 && code < 5000) ? payload.substr(0, 2) : kCloseProtocol;
}

Result<std::string> accept_web_socket(const Request& request, std::string_view protocol) {
  const std::string_view key = request.header("sec-websocket-key");
  if (!lists(request.header("upgrade"), "websocket") || !lists(request.header("connection"), "upgrade") ||
      request.header("sec-websocket-version") != "13" || key.size() != kKeySize)
    return fail(Errc::invalid, "This address is for WebSockets of version 13.");
  if (!lists(request.header("sec-websocket-protocol"), protocol))
    return fail(Errc::invalid, "This address speaks the WebSocket protocol " + std::string(protocol) + ".");
  return base64(sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

}  // namespace kiln::http
