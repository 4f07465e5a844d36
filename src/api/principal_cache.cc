#include "api/principal_cache.h"

#include <utility>

namespace kiln::api {
namespace {

constexpr TimeMs kKeptMs = 30'000;
constexpr std::size_t kMostPrincipals = 10'000;

}  // namespace

std::shared_ptr<const model::Principal> PrincipalCache::find(const std::string& hash,
                                                             std::uint64_t generation, TimeMs now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(hash);
  if (found == entries_.end()) return nullptr;
  const Entry& entry = found->second;
  const bool expired = entry.principal->expires_on && *entry.principal->expires_on <= now;
  const bool fresh = now >= entry.put_at && now - entry.put_at < kKeptMs;
  if (entry.generation == generation && fresh && !expired) return entry.principal;
  entries_.erase(found);
  return nullptr;
}

void PrincipalCache::put(const std::string& hash, std::uint64_t generation, TimeMs now,
                         std::shared_ptr<const model::Principal> principal) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kMostPrincipals) entries_.clear();
  entries_[hash] = Entry{generation, now, std::move(principal)};
}

}  // namespace kiln::api
