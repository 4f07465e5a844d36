// Which versions were asked for before, lately and about: what is read once, as by whoever goes through a
// whole history, is not worth the room of what is read again and again. A Bloom filter of one hash (Bloom,
// CACM 13(7), 1970): it may take one id for another. Owned by BuildTexts; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "base/ids.h"

namespace kiln::read_cache {

class AskedBefore {
 public:
  // So many are noted before all are forgotten; until then one in four is taken for another at most.
  static constexpr std::size_t kNoted = 2U << 20U;

  // Notes the id. Whether it had been noted already.
  [[nodiscard]] bool note(const Uuid& id);

 private:
  static constexpr std::size_t kBits = 4 * kNoted;

  std::mutex mutex_;
  std::vector<std::uint64_t> bits_;  // 1 MiB once something was noted
  std::size_t noted_ = 0;
};

}  // namespace kiln::read_cache
