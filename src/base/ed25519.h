// Ed25519 (RFC 8032) over libsodium: signatures whose bytes follow from key and message alone, and public
// keys as PEM (RFC 8410), as openssl writes them. No word of this domain. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln {

inline constexpr std::size_t kEd25519Seed = 32;
inline constexpr std::size_t kEd25519Key = 32;
inline constexpr std::size_t kEd25519Signature = 64;

// A private key: 32 secret bytes. They are wiped with it.
class Ed25519Key {
 public:
  // Errors: Errc::corrupt for a seed of another length.
  [[nodiscard]] static Result<Ed25519Key> of_seed(std::string_view seed);
  ~Ed25519Key();
  Ed25519Key(Ed25519Key&& other) noexcept;
  Ed25519Key(const Ed25519Key&) = delete;
  Ed25519Key& operator=(const Ed25519Key&) = delete;
  Ed25519Key& operator=(Ed25519Key&&) = delete;

  // 32 raw bytes.
  [[nodiscard]] const std::string& public_key() const { return public_; }
  // 64 raw bytes, the same for the same message.
  [[nodiscard]] std::string sign(std::string_view message) const;

 private:
  Ed25519Key() = default;
  std::string secret_;  // as libsodium keeps it: the seed, then the public key
  std::string public_;
};

[[nodiscard]] bool ed25519_verifies(std::string_view public_key, std::string_view message,
                                    std::string_view signature);

// SubjectPublicKeyInfo as DER: what fingerprints of public keys are made of.
[[nodiscard]] std::string ed25519_der(std::string_view public_key);
[[nodiscard]] std::string ed25519_pem(std::string_view public_key);
// The 32 raw bytes of the first public key in a PEM text. Errors: Errc::invalid, field "key".
[[nodiscard]] Result<std::string> parse_ed25519_pem(std::string_view text);

}  // namespace kiln
