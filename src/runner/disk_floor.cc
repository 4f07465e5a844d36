#include "runner/disk_floor.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include "base/log.h"
#include "base/sizes.h"

namespace kiln::runner {

std::optional<std::uint64_t> free_space(const std::filesystem::path& place) {
  struct statvfs system {};
  if (statvfs(place.c_str(), &system) != 0) return std::nullopt;
  return std::uint64_t{system.f_bavail} * system.f_frsize;
}

DiskFloor::DiskFloor(Setup setup) : setup_(std::move(setup)) {
  if (!setup_.free) setup_.free = [place = setup_.place] { return free_space(place); };
}

void DiskFloor::start() {
  if (setup_.floor == 0) return;
  look();
  thread_ = std::thread([this] { work(); });
}

void DiskFloor::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DiskFloor::work() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, setup_.interval, [this] { return stopping_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
}

void DiskFloor::relieve(std::uint64_t& free) const {
  for (const std::function<bool()>& give : setup_.relief) {
    while (free < setup_.floor && give()) free = setup_.free().value_or(free);
  }
}

void DiskFloor::look() {
  std::optional<std::uint64_t> free = setup_.free();
  if (!free) return;
  const std::uint64_t before = *free;
  if (before < setup_.floor) relieve(*free);
  std::string now;
  if (*free < setup_.floor) {
    now = fmt::format("only {} are free in {}, less than runner.min_free_disk = {}", size_words(*free),
                      setup_.place.string(), size_words(setup_.floor));
    if (*free < setup_.floor / 2 && setup_.end_largest && setup_.end_largest()) {
      log::warn("a build is ended before it fills the disk: {}", now);
    }
  } else if (before < setup_.floor) {
    log::warn("caches or tools were dropped to keep {} free in {}", size_words(setup_.floor),
              setup_.place.string());
  }
  const std::lock_guard lock(mutex_);
  if (closed_.empty() && !now.empty()) log::warn("NO BUILD IS TAKEN: {}; free space there", now);
  if (!closed_.empty() && now.empty()) log::info("builds are taken again: {} are free", size_words(*free));
  closed_ = std::move(now);
}

std::optional<std::string> DiskFloor::why_closed() const {
  const std::lock_guard lock(mutex_);
  if (closed_.empty()) return std::nullopt;
  return closed_;
}

}  // namespace kiln::runner
