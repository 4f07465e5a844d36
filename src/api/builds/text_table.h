// Where the texts of one half of a TextCache lie, by the id of what they are of. Small, since it is read at
// random: eight bytes a text, and the text itself says whose it is. Owned by TextCache, under its mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "api/builds/text_arena.h"
#include "base/ids.h"

namespace kiln::api::builds {

class TextTable {
 public:
  // The place put for the id, or for another one, which is rare.
  [[nodiscard]] std::optional<TextArena::Place> find(const Uuid& id) const {
    if (count_ == 0) return std::nullopt;
    const Entry& entry = slot_of(mark_of(id));
    if (entry.mark == 0) return std::nullopt;
    return entry.place;
  }
  // Instead of what the id had.
  void put(const Uuid& id, TextArena::Place place);

 private:
  struct Entry {
    std::uint32_t mark = 0;  // 0: nothing is here
    TextArena::Place place = 0;
  };

  [[nodiscard]] static std::uint32_t mark_of(const Uuid& id) {
    return static_cast<std::uint32_t>(OwnUuidHash{}(id)) | 1U << 31U;
  }
  // Where the mark is, or where it would go.
  [[nodiscard]] Entry& slot_of(std::uint32_t mark) const {
    std::size_t slot = mark & (slots_ - 1);
    while (entries_[slot].mark != 0 && entries_[slot].mark != mark) slot = (slot + 1) & (slots_ - 1);
    return entries_[slot];
  }
  void grow();

  std::shared_ptr<char[]> memory_;
  Entry* entries_ = nullptr;
  std::size_t slots_ = 0;  // a power of two, or none
  std::size_t count_ = 0;
};

}  // namespace kiln::api::builds
