// Randomness that is the same in every run: SHA-256 of a counter, so that ids differ from their first digits
// on. Owned by the test; any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/entropy.h"
#include "base/hash.h"

namespace kiln::testing {

class FakeEntropy final : public Entropy {
 public:
  explicit FakeEntropy(std::uint64_t seed = 0) : seed_(seed) {}

  [[nodiscard]] std::string bytes(std::size_t count) override {
    std::string out;
    while (out.size() < count) {
      out += sha256("kiln " + std::to_string(seed_) + " " + std::to_string(next_.fetch_add(1)));
    }
    out.resize(count);
    return out;
  }

 private:
  std::uint64_t seed_;
  std::atomic<std::uint64_t> next_{0};
};

}  // namespace kiln::testing
