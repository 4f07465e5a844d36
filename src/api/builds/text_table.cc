#include "api/builds/text_table.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace kiln::api::builds {
namespace {

constexpr std::size_t kFirstSlots = 256;

}  // namespace

void TextTable::put(const Uuid& id, TextArena::Place place) {
  // Half empty, so that most are found in the first place they are looked for.
  if (2 * (count_ + 1) > slots_) grow();
  Entry& slot = slot_of(mark_of(id));
  if (slot.mark == 0) ++count_;
  slot = {mark_of(id), place};
}

void TextTable::grow() {
  static_assert(std::is_trivially_copyable_v<Entry>);
  TextTable larger;
  larger.slots_ = std::max(kFirstSlots, 2 * slots_);
  larger.memory_ = map_memory(larger.slots_ * sizeof(Entry));
  larger.entries_ = reinterpret_cast<Entry*>(larger.memory_.get());
  for (std::size_t i = 0; i < slots_; ++i) {
    if (entries_[i].mark != 0) larger.slot_of(entries_[i].mark) = entries_[i];
  }
  larger.count_ = count_;
  *this = std::move(larger);
}

}  // namespace kiln::api::builds
