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

// Of bytes that come piece by piece. One thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  // 32 raw bytes; once, and nothing is added after.
  [[nodiscard]] std::string end();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// HMAC-SHA256 (RFC 2104), 32 raw bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);

// Takes as long for a wrong guess as for a right one; lengths may leak.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace kiln
