// Whether bytes are UTF-8, and where it may be cut; strings.h mends what is none. Pure functions: any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace kiln {

// RFC 3629: no surrogates, nothing overlong, nothing beyond U+10FFFF.
[[nodiscard]] bool is_valid_utf8(std::string_view bytes);

// The longest beginning of at most `most` bytes that cuts no character of valid UTF-8.
[[nodiscard]] inline std::string_view utf8_beginning(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U) --most;
  return text.substr(0, most);
}

}  // namespace kiln
