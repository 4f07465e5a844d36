// Digests and comparisons for tokens and signatures, over OpenSSL's libcrypto. Pure functions: any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace kiln {

// 32 raw bytes.
[[nodiscard]] std::string sha256(std::string_view bytes);
// 20 raw bytes; for protocols that ask for it, never for secrecy.
[[nodiscard]] std::string sha1(std::string_view bytes);
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

// HMAC-SHA256 (RFC 2104), 32 raw bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);

// Takes as long for a wrong guess as for a right one; lengths may leak.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace kiln
