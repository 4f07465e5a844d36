// The door to randomness. Owned by app (SystemEntropy) or by a test (testing/fake_entropy.h), passed by
// reference. All methods are safe from any thread.
#pragma once

#include <cstddef>
#include <string>

#include "base/ids.h"

namespace kiln {

class Entropy {
 public:
  virtual ~Entropy() = default;
  // Exactly `count` random bytes.
  [[nodiscard]] virtual std::string bytes(std::size_t count) = 0;

  // A random (version 4) UUID, RFC 9562 5.4.
  [[nodiscard]] Uuid uuid();
  // 32 lower-case hex digits: account ids and Worker tags.
  [[nodiscard]] std::string hex32();
};

// The kernel's generator (getrandom).
class SystemEntropy final : public Entropy {
 public:
  [[nodiscard]] std::string bytes(std::size_t count) override;
};

}  // namespace kiln
