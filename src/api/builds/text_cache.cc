#include "api/builds/text_cache.h"

#include <cstring>
#include <utility>

namespace kiln::api::builds {

std::size_t TextCache::IdHash::operator()(const Uuid& id) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, id.bytes.data() + 8, sizeof hash);
  return hash;
}

Text TextCache::find(const Uuid& id, std::string_view account_id, std::uint64_t generation) {
  const auto good = [&](const Entry& entry) {
    return entry.generation == generation && entry.account_id == account_id;
  };
  const std::lock_guard lock(mutex_);
  if (const auto found = young_.find(id); found != young_.end()) {
    return good(found->second) ? found->second.text : nullptr;
  }
  const auto found = old_.find(id);
  if (found == old_.end()) return nullptr;
  Entry entry = std::move(found->second);
  old_.erase(found);
  if (!good(entry)) return nullptr;
  Text text = entry.text;
  put_locked(id, std::move(entry));
  return text;
}

void TextCache::put(const Uuid& id, const std::string& account_id, std::uint64_t generation, Text text) {
  const std::lock_guard lock(mutex_);
  put_locked(id, Entry{account_id, generation, std::move(text)});
}

void TextCache::put_locked(const Uuid& id, Entry entry) {
  if (young_bytes_ >= half_bytes_) {
    old_ = std::exchange(young_, {});
    young_bytes_ = 0;
  }
  young_bytes_ += entry.text->size();
  Entry& place = young_[id];
  if (place.text) young_bytes_ -= place.text->size();
  place = std::move(entry);
}

}  // namespace kiln::api::builds
