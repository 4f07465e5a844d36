#include "serving/cache/shelf.h"

#include <algorithm>
#include <utility>

namespace kiln::serving {

std::shared_ptr<const StoredAnswer> Shelf::find(const std::string& space, const std::string& key,
                                                TimeMs now) {
  const auto there = spaces_.find(space);
  if (there == spaces_.end()) return nullptr;
  const auto found = there->second.by_key.find(key);
  if (found == there->second.by_key.end()) return nullptr;
  const Line::iterator entry = found->second;
  if (entry->answer->expires_on <= now) {
    erase(there, entry);
    return nullptr;
  }
  there->second.line.splice(there->second.line.begin(), there->second.line, entry);
  return entry->answer;
}

void Shelf::put(const std::string& space, const std::string& key, StoredAnswer answer) {
  (void)remove(space, key, 0);
  const std::size_t size = answer.size() + 2 * key.size();
  if (size > limit_) return;
  Space& there = spaces_[space];
  there.line.push_front({key, std::make_shared<const StoredAnswer>(std::move(answer)), size});
  there.by_key[key] = there.line.begin();
  there.size += size;
  size_ += size;
  make_room();
}

bool Shelf::remove(const std::string& space, const std::string& key, TimeMs now) {
  const auto there = spaces_.find(space);
  if (there == spaces_.end()) return false;
  const auto found = there->second.by_key.find(key);
  if (found == there->second.by_key.end()) return false;
  const bool good = found->second->answer->expires_on > now;
  erase(there, found->second);
  return good;
}

void Shelf::erase(Spaces::iterator space, Line::iterator entry) {
  size_ -= entry->size;
  space->second.size -= entry->size;
  space->second.by_key.erase(entry->key);
  space->second.line.erase(entry);
  if (space->second.line.empty()) spaces_.erase(space);
}

void Shelf::make_room() {
  while (size_ > limit_) {
    const auto largest = std::max_element(spaces_.begin(), spaces_.end(), [](const auto& a, const auto& b) {
      return a.second.size < b.second.size;
    });
    erase(largest, std::prev(largest->second.line.end()));
  }
}

}  // namespace kiln::serving
