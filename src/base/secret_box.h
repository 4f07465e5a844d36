// Secrets at rest: authenticated encryption (libsodium secretbox, XSalsa20-Poly1305) under one key of the
// data directory. Owned by app, passed by reference to the store. Immutable after load: any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/entropy.h"
#include "base/result.h"

namespace kiln {

class SecretBox {
 public:
  // Reads the 32-byte key from `file`. Errors: Errc::not_found, Errc::io, Errc::corrupt (not a key's length).
  [[nodiscard]] static Result<SecretBox> open(const std::filesystem::path& file);
  // The same, after making a key there (mode 0600, synced) when there is none: for a place that is new, since
  // nothing that was sealed before opens with another key.
  [[nodiscard]] static Result<SecretBox> open_or_make(const std::filesystem::path& file, Entropy& entropy);
  // For tests: a box under this key (32 bytes).
  explicit SecretBox(std::string key);

  // nonce ‖ ciphertext; different at every call.
  [[nodiscard]] std::string seal(std::string_view plain, Entropy& entropy) const;
  // Errors: Errc::corrupt when the bytes were not sealed under this key.
  [[nodiscard]] Result<std::string> unseal(std::string_view sealed) const;

 private:
  std::string key_;
};

}  // namespace kiln
