#include "api/builds/text_table.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace kiln::api::builds {
namespace {

constexpr std::size_t kFirstSlots = 256;

static_assert(std::is_trivially_copyable_v<TextTable::Entry>);

}  // namespace

// Ids are random already: eight of their bytes are as good as any hash. Nobody outside chooses them.
std::size_t TextTable::place_of(const Uuid& id) const {
  std::size_t hash = 0;
  std::memcpy(&hash, id.bytes.data() + 8, sizeof hash);
  // The first bits of these bytes say what kind of id it is, and are the same in all.
  return (hash >> 16U) & (slots_ - 1);
}

std::size_t TextTable::slot_of(const Uuid& id) const {
  std::size_t slot = place_of(id);
  while (entries_[slot].size != 0 && entries_[slot].id != id) slot = (slot + 1) & (slots_ - 1);
  return slot;
}

const TextTable::Entry* TextTable::find(const Uuid& id) const {
  if (count_ == 0) return nullptr;
  const Entry& entry = entries_[slot_of(id)];
  return entry.size == 0 ? nullptr : &entry;
}

void TextTable::put(const Entry& entry) {
  if (4 * (count_ + 1) > 3 * slots_) grow();
  Entry& slot = entries_[slot_of(entry.id)];
  if (slot.size == 0) ++count_;
  slot = entry;
}

void TextTable::grow() {
  TextTable larger;
  larger.slots_ = std::max(kFirstSlots, 2 * slots_);
  larger.memory_ = map_memory(larger.slots_ * sizeof(Entry));
  larger.entries_ = reinterpret_cast<Entry*>(larger.memory_.get());
  for (std::size_t i = 0; i < slots_; ++i) {
    if (entries_[i].size != 0) larger.entries_[larger.slot_of(entries_[i].id)] = entries_[i];
  }
  larger.count_ = count_;
  *this = std::move(larger);
}

}  // namespace kiln::api::builds
