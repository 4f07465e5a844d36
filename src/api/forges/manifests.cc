#include "api/forges/manifests.h"

#include <utility>

#include "base/hex.h"

namespace kiln::api {
namespace {

constexpr TimeMs kAppLifetimeMs = TimeMs{60} * 60'000;
constexpr std::size_t kMostPendingApps = 100;

}  // namespace

std::string PendingApps::begin(PendingApp app) {
  const std::lock_guard lock(mutex_);
  forget_old();
  std::string state = to_base64url(entropy_.bytes(32));
  app.until = clock_.now() + kAppLifetimeMs;
  apps_[state] = std::move(app);
  return state;
}

std::optional<PendingApp> PendingApps::find(const std::string& state) {
  const std::lock_guard lock(mutex_);
  forget_old();
  const auto found = apps_.find(state);
  return found == apps_.end() ? std::nullopt : std::optional(found->second);
}

void PendingApps::finish(const std::string& state, const Uuid& forge) {
  const std::lock_guard lock(mutex_);
  const auto found = apps_.find(state);
  if (found != apps_.end()) found->second.made = forge;
}

void PendingApps::give_up(const std::string& state, const std::string& problem) {
  const std::lock_guard lock(mutex_);
  const auto found = apps_.find(state);
  if (found != apps_.end()) found->second.problem = problem;
}

void PendingApps::forget_old() {
  const TimeMs now = clock_.now();
  std::erase_if(apps_, [now](const auto& entry) { return entry.second.until <= now; });
  while (apps_.size() >= kMostPendingApps) apps_.erase(apps_.begin());
}

}  // namespace kiln::api
