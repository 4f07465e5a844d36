// Which build made a version, remembered for about as many versions as there are: a guess that the build's
// row must confirm, and which spares reading the index of all versions. Owned by the build store; any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"

namespace kiln::store::sqlite {

class VersionNumbers {
 public:
  // With room for `versions`, eight bytes each and a third more, up to 32 MiB; past it the new take the
  // places of others.
  explicit VersionNumbers(std::int64_t versions);

  // The build's number: another build's in one of billions of answers.
  [[nodiscard]] std::optional<std::int64_t> find(const Uuid& version) const;
  void put(const Uuid& version, std::int64_t number);
  // Has the processor fetch what find() will read soon.
  void prefetch(const Uuid& version) const { __builtin_prefetch(&places_[first_place(version)]); }

 private:
  // Eight places side by side, one line of memory. A place holds four bytes of the version and the number;
  // 0: nothing.
  static constexpr std::size_t kWays = 8;
  [[nodiscard]] std::size_t first_place(const Uuid& version) const;

  std::size_t sets_;  // a power of two
  std::vector<std::atomic<std::uint64_t>> places_;
};

}  // namespace kiln::store::sqlite
