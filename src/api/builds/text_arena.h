// Texts side by side in blocks that are written once and never again, so that a text being sent needs no copy
// of its own. Large blocks are of huge pages: a batch gathers texts from all over, and finding the page of
// each would cost more than reading it. Owned by TextCache, under its mutex; the bytes handed out outlive the
// arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "api/http/message.h"

namespace kiln::api::builds {

// Zeroed memory for `size` bytes, of huge pages where it is large enough for one. Throws std::bad_alloc.
[[nodiscard]] std::shared_ptr<char[]> map_memory(std::size_t size);

class TextArena {
 public:
  // Where a text begins: the number of its block, and its offset there in the low 21 bits.
  using Place = std::uint32_t;
  static constexpr std::size_t kLargestText = 256U << 10U;

  // Nothing when the text is larger than kLargestText.
  [[nodiscard]] std::optional<Place> keep(std::string_view text);
  [[nodiscard]] http::SharedBytes at(Place place, std::size_t size) const;
  // Has the processor fetch a text that will be copied soon: the texts of a batch then come side by side, not
  // one after the other.
  void prefetch(Place place, std::size_t size) const;
  // Bytes of the blocks so far, the room behind the last text not counted.
  [[nodiscard]] std::size_t used() const { return full_ + used_of_last_; }

 private:
  [[nodiscard]] const char* address_of(Place place) const;

  std::vector<std::shared_ptr<char[]>> blocks_;
  std::size_t size_of_last_ = 0;
  std::size_t used_of_last_ = 0;
  std::size_t full_ = 0;  // bytes of all blocks but the last
};

}  // namespace kiln::api::builds
