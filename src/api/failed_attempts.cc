#include "api/failed_attempts.h"

#include "base/ip_address.h"

namespace kiln::api {
namespace {

constexpr TimeMs kWindowMs = 60'000;
constexpr std::size_t kMostAddresses = 20'000;

}  // namespace

void FailedAttempts::note(std::string_view address, TimeMs now) {
  if (most_ == 0) return;
  const std::lock_guard lock(mutex_);
  if (windows_.size() >= kMostAddresses) {
    std::erase_if(windows_, [now](const auto& entry) { return now - entry.second.began >= kWindowMs; });
    if (windows_.size() >= kMostAddresses) windows_.clear();
  }
  Window& window = windows_[group_of(address)];
  if (now - window.began >= kWindowMs || now < window.began) window = {now, 0};
  ++window.failures;
}

std::optional<int> FailedAttempts::wait_seconds(std::string_view address, TimeMs now) {
  const std::lock_guard lock(mutex_);
  if (windows_.empty()) return std::nullopt;
  const auto found = windows_.find(group_of(address));
  if (found == windows_.end() || found->second.failures <= most_) return std::nullopt;
  const TimeMs left = found->second.began + kWindowMs - now;
  if (left <= 0 || left > kWindowMs) return std::nullopt;
  return static_cast<int>((left + 999) / 1000);
}

}  // namespace kiln::api
