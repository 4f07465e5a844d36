// Where kept texts lie, by the id of what they are of. Small, since it is read at random: one line of memory
// a look-up, and the text itself says whose it is. Owned by the cache or the file of texts, under its mutex.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/ids.h"
#include "read_cache/text_arena.h"

namespace kiln::read_cache {

template <typename Place>
class TextTable {
 public:
  // Has the processor fetch what find() will read.
  void prefetch(const Uuid& id) const {
    if (count_ > 0) __builtin_prefetch(&entries_[mark_of(id) & (slots_ - 1)]);
  }
  // The place put for the id, or for another one, which is rare.
  [[nodiscard]] std::optional<Place> find(const Uuid& id) const {
    if (count_ == 0) return std::nullopt;
    const Entry& entry = slot_of(mark_of(id));
    if (entry.mark == 0) return std::nullopt;
    return entry.place;
  }
  // Instead of what the id had. Throws std::bad_alloc.
  void put(const Uuid& id, Place place) {
    // Half empty, so that most are found in the first place they are looked for.
    if (2 * (count_ + 1) > slots_) grow();
    Entry& slot = slot_of(mark_of(id));
    if (slot.mark == 0) ++count_;
    slot = {mark_of(id), place};
  }
  // What find() answers for the id is gone, also where it was put for another one.
  void erase(const Uuid& id) {
    if (count_ == 0) return;
    std::size_t hole = static_cast<std::size_t>(&slot_of(mark_of(id)) - entries_);
    if (entries_[hole].mark == 0) return;
    // Those behind it move up unless that took them out of reach (Knuth, TAOCP 3, 6.4, algorithm R).
    for (std::size_t next = after(hole); entries_[next].mark != 0; next = after(next)) {
      const std::size_t first = entries_[next].mark & (slots_ - 1);
      if (((next - first) & (slots_ - 1)) < ((next - hole) & (slots_ - 1))) continue;
      entries_[hole] = entries_[next];
      hole = next;
    }
    entries_[hole] = {};
    --count_;
  }

 private:
  struct Entry {
    std::uint32_t mark = 0;  // 0: nothing is here
    Place place{};
  };
  static_assert(std::is_trivially_copyable_v<Entry>);

  [[nodiscard]] static std::uint32_t mark_of(const Uuid& id) {
    return static_cast<std::uint32_t>(OwnUuidHash{}(id)) | 1U << 31U;
  }
  [[nodiscard]] std::size_t after(std::size_t slot) const { return (slot + 1) & (slots_ - 1); }
  // Where the mark is, or where it would go.
  [[nodiscard]] Entry& slot_of(std::uint32_t mark) const {
    std::size_t slot = mark & (slots_ - 1);
    while (entries_[slot].mark != 0 && entries_[slot].mark != mark) slot = after(slot);
    return entries_[slot];
  }
  void grow() {
    constexpr std::size_t first_slots = 256;
    TextTable larger;
    larger.slots_ = std::max(first_slots, 2 * slots_);
    larger.memory_ = map_memory(larger.slots_ * sizeof(Entry));  // zeroed
    larger.entries_ = reinterpret_cast<Entry*>(larger.memory_.get());
    for (std::size_t i = 0; i < slots_; ++i) {
      if (entries_[i].mark != 0) larger.slot_of(entries_[i].mark) = entries_[i];
    }
    larger.count_ = count_;
    *this = std::move(larger);
  }

  std::shared_ptr<char[]> memory_;
  Entry* entries_ = nullptr;
  std::size_t slots_ = 0;  // a power of two, or none
  std::size_t count_ = 0;
};

}  // namespace kiln::read_cache
