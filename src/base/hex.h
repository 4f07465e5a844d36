// Bytes as hex and base64 text, and back. Pure functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln {

// Of one hex digit in either case; -1 for anything else.
[[nodiscard]] constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Lower case.
[[nodiscard]] std::string to_hex(std::string_view bytes);
// Either case; nothing on an odd length or a strange digit.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

// RFC 4648 4, with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);
// Strict but for line breaks, which are skipped; nothing on anything else strange.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
// RFC 4648 5, without padding: tokens and URL parts.
[[nodiscard]] std::string to_base64url(std::string_view bytes);

}  // namespace kiln
