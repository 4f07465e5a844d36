// The texts of one half of a TextCache by the id of what they are of: one look-up reads one line of memory.
// Owned by TextCache, under its mutex.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "api/builds/text_arena.h"
#include "api/http/conditional.h"
#include "base/ids.h"

namespace kiln::api::builds {

class TextTable {
 public:
  struct alignas(64) Entry {
    Uuid id;
    Uuid trigger;
    http::Digest digest{};
    TextArena::Place place = 0;
    std::uint32_t size = 0;  // 0: nothing is here
    std::uint32_t account = 0;
    std::uint32_t generation = 0;
  };
  static_assert(sizeof(Entry) == 64);

  void prefetch(const Uuid& id) const {
    if (count_ > 0) __builtin_prefetch(&entries_[place_of(id)]);
  }
  // Nothing when the id is not there; good until the next put().
  [[nodiscard]] const Entry* find(const Uuid& id) const;
  // Instead of what had the entry's id.
  void put(const Entry& entry);
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  [[nodiscard]] std::size_t place_of(const Uuid& id) const;
  // Where the id is, or where it would go.
  [[nodiscard]] std::size_t slot_of(const Uuid& id) const;
  void grow();

  std::shared_ptr<char[]> memory_;
  Entry* entries_ = nullptr;
  std::size_t slots_ = 0;  // a power of two, or none
  std::size_t count_ = 0;
};

}  // namespace kiln::api::builds
