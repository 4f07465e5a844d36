#include "api/builds/text_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace kiln::api::builds {

std::size_t TextCache::IdHash::operator()(const Uuid& id) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, id.bytes.data() + 8, sizeof hash);
  return hash;
}

std::optional<TextCache::Found> TextCache::find(const Uuid& id, std::string_view account_id) {
  const auto good = [&](const Entry& entry) {
    return std::string_view(entry.account_id.data(), entry.account_id.size()) == account_id;
  };
  const std::lock_guard lock(mutex_);
  if (const auto young = young_.find(id); young != young_.end()) {
    if (!good(young->second)) return std::nullopt;
    return young->second.found;
  }
  const auto old = old_.find(id);
  if (old == old_.end() || !good(old->second)) return std::nullopt;
  Entry entry = std::move(old->second);
  old_.erase(old);
  Found found = entry.found;
  put_locked(id, std::move(entry));
  return found;
}

void TextCache::put(const Uuid& id, std::string_view account_id, Found found) {
  Entry entry{{}, std::move(found)};
  if (account_id.size() != entry.account_id.size()) return;  // no account's id: nothing to find it by
  std::copy(account_id.begin(), account_id.end(), entry.account_id.begin());
  const std::lock_guard lock(mutex_);
  put_locked(id, std::move(entry));
}

void TextCache::put_locked(const Uuid& id, Entry entry) {
  if (young_bytes_ >= half_bytes_) {
    old_ = std::exchange(young_, {});
    young_bytes_ = 0;
  }
  young_bytes_ += entry.found.text.json.size;
  Entry& place = young_[id];
  young_bytes_ -= place.found.text.json.size;
  place = std::move(entry);
}

}  // namespace kiln::api::builds
