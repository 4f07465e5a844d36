#include "store/changed_builds.h"

namespace kiln::store {

void ChangedBuilds::take(std::uint64_t count, std::span<const Uuid> ids) {
  const std::lock_guard lock(mutex_);
  if (count <= count_) return;
  if (ids.size() > count - count_) ids = ids.last(count - count_);  // others were taken in the meantime
  if (ids.size() < count - count_) recent_.clear();                 // whoever is behind misses some
  recent_.insert(recent_.end(), ids.begin(), ids.end());
  while (recent_.size() > kRemembered) recent_.pop_front();
  count_ = count;
}

ChangedBuilds::Since ChangedBuilds::since(std::uint64_t seen) const {
  const std::lock_guard lock(mutex_);
  Since out{count_, std::nullopt};
  const std::uint64_t missed = out.count - seen;
  if (missed > recent_.size()) return out;
  out.ids.emplace(recent_.end() - static_cast<std::ptrdiff_t>(missed), recent_.end());
  return out;
}

}  // namespace kiln::store
