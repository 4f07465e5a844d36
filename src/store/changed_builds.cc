#include "store/changed_builds.h"

namespace kiln::store {

void ChangedBuilds::add(std::span<const Uuid> ids) {
  const std::lock_guard lock(mutex_);
  recent_.insert(recent_.end(), ids.begin(), ids.end());
  while (recent_.size() > kRemembered) recent_.pop_front();
  count_ += ids.size();
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
