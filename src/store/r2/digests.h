// Digests of bytes that come piece by piece, several at once, over OpenSSL's libcrypto: for protocols that
// ask for them, never for secrecy. A value; one thread at a time.
#pragma once

#include <memory>
#include <string_view>

#include "model/r2.h"

namespace kiln::store::r2 {

using model::DigestKind;
using model::DigestSet;
using model::kDigestKinds;

class Digests {
 public:
  Digests();
  ~Digests();
  Digests(Digests&&) noexcept;
  Digests& operator=(Digests&&) noexcept;

  // Before the first bytes.
  void want(DigestKind kind);
  void add(std::string_view bytes);
  // Those that are wanted; once, and nothing is added after.
  [[nodiscard]] DigestSet end();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::store::r2
