#include "store/sqlite/version_numbers.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace kiln::store::sqlite {
namespace {

constexpr std::uint64_t kMostSets = 512U << 10U;

std::uint64_t mark_of(const Uuid& version) {
  std::uint32_t mark = 0;
  std::memcpy(&mark, version.bytes.data(), sizeof mark);
  return std::uint64_t{mark} << 32U;
}

bool has_mark(std::uint64_t place, std::uint64_t mark) {
  return place != 0 && (place >> 32U) == (mark >> 32U);
}

std::size_t sets_for(std::int64_t versions) {
  constexpr std::uint64_t ways = 8;
  const auto wanted = static_cast<std::uint64_t>(std::max<std::int64_t>(versions, 512)) / ways;
  return static_cast<std::size_t>(std::min(std::bit_ceil(wanted), kMostSets));
}

}  // namespace

VersionNumbers::VersionNumbers(std::int64_t versions) : sets_(sets_for(versions)), places_(sets_ * kWays) {}

std::size_t VersionNumbers::first_place(const Uuid& version) const {
  return (OwnUuidHash{}(version) & (sets_ - 1)) * kWays;
}

std::optional<std::int64_t> VersionNumbers::find(const Uuid& version) const {
  const std::uint64_t mark = mark_of(version);
  const std::size_t first = first_place(version);
  for (std::size_t at = first; at < first + kWays; ++at) {
    const std::uint64_t place = places_[at].load(std::memory_order_relaxed);
    if (has_mark(place, mark)) return static_cast<std::int64_t>(place & 0xffff'ffffU);
  }
  return std::nullopt;
}

void VersionNumbers::put(const Uuid& version, std::int64_t number) {
  if (number <= 0 || number > std::numeric_limits<std::uint32_t>::max()) return;
  const std::uint64_t mark = mark_of(version);
  const std::size_t first = first_place(version);
  std::size_t at = first;
  while (at < first + kWays) {
    const std::uint64_t place = places_[at].load(std::memory_order_relaxed);
    if (place == 0 || has_mark(place, mark)) break;
    ++at;
  }
  if (at == first + kWays) at = first + static_cast<std::size_t>(mark >> 32U) % kWays;
  places_[at].store(mark | static_cast<std::uint64_t>(number), std::memory_order_relaxed);
}

}  // namespace kiln::store::sqlite
