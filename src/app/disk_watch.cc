#include "app/disk_watch.h"

#include <system_error>

#include "base/log.h"

namespace kiln::app {

std::optional<std::uint64_t> free_bytes(const std::filesystem::path& place) {
  std::error_code error;
  const std::filesystem::space_info disk = std::filesystem::space(place, error);
  return error ? std::nullopt : std::optional<std::uint64_t>(disk.available);
}

void DiskWatch::look() {
  const std::optional<std::uint64_t> free = floor_ == 0 ? std::nullopt : free_bytes_();
  if (!free) return;
  if (*free >= floor_ + floor_ / 2) low_ = told_ = false;
  if (told_ || *free >= floor_) return;
  if (!low_) log::warn("the disk is nearly full free_bytes={} floor={}", *free, floor_);
  low_ = true;
  // What the disk has no room for is told by the next look.
  const Result<int> noted = outbox_.add_disk_low(*free);
  if (!noted) {
    log::warn("nobody can be told that the disk is nearly full: {}", noted.error().message);
    return;
  }
  told_ = *noted > 0;
  if (told_) hub_.notify(events::kOutboxTopic);
}

}  // namespace kiln::app
