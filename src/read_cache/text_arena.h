// Texts side by side in blocks that are written once and never again, so that a text being sent needs no copy
// of its own. Large blocks are of huge pages: a batch gathers texts from all over, and finding the page of
// each would cost more than reading it. Owned by TextCache, which adds to it under its mutex, and by whoever
// still sends a text of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "read_cache/kept_text.h"

namespace kiln::read_cache {

// Zeroed memory for `size` bytes, of huge pages where it is large enough for one. Throws std::bad_alloc.
[[nodiscard]] std::shared_ptr<char[]> map_memory(std::size_t size);

class TextArena {
 public:
  // Where a text's head is: the number of its block, and its offset there in the low 21 bits.
  using Place = std::uint32_t;
  static constexpr std::size_t kLargestText = 256U << 10U;

  // Nothing when the text is larger than kLargestText. head.size is the text's.
  [[nodiscard]] std::optional<Place> keep(const TextHead& head, std::string_view text);
  // With its text behind it. Good as long as the arena is.
  [[nodiscard]] const TextHead& head(Place place) const {
    return *reinterpret_cast<const TextHead*>(address_of(place));
  }
  // Bytes of the blocks so far, the room behind the last text not counted.
  [[nodiscard]] std::size_t used() const { return full_ + used_of_last_; }

 private:
  // The low bits of a place, as many as a block has bytes at most.
  static constexpr unsigned kOffsetBits = 21;

  [[nodiscard]] const char* address_of(Place place) const {
    return blocks_[place >> kOffsetBits].get() + (place & ((Place{1} << kOffsetBits) - 1));
  }

  std::vector<std::shared_ptr<char[]>> blocks_;
  std::size_t size_of_last_ = 0;
  std::size_t used_of_last_ = 0;
  std::size_t full_ = 0;  // bytes of all blocks but the last
};

}  // namespace kiln::read_cache
