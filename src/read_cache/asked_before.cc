#include "read_cache/asked_before.h"

namespace kiln::read_cache {

bool AskedBefore::note(const Uuid& id) {
  const std::size_t bit = OwnUuidHash{}(id) % kBits;
  const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
  const std::lock_guard lock(mutex_);
  if (!bits_.empty() && (bits_[bit / 64] & mask) != 0) return true;
  if (bits_.empty() || noted_ == kNoted) {
    bits_.assign(kBits / 64, 0);
    noted_ = 0;
  }
  bits_[bit / 64] |= mask;
  ++noted_;
  return false;
}

}  // namespace kiln::read_cache
