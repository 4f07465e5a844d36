#include "app/readiness.h"

#include "base/fs.h"

namespace kiln::app {
namespace {

constexpr std::int64_t kGoodForMs = 1'000;
constexpr std::size_t kRoom = 4U << 20U;  // on the disk, for the next things to store

}  // namespace

Status Readiness::ask() {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = clock_.monotonic_ms();
  if (!last_ || now - looked_ms_ >= kGoodForMs) {
    last_ = look();
    looked_ms_ = now;
  }
  return *last_;
}

Status Readiness::look() const {
  if (const Status room = check_room(data_, kRoom); !room) {
    return fail(room.error().code, room.error().code == Errc::disk_full
                                       ? "the disk of its data directory is full, so nothing can be stored"
                                       : "its data directory cannot be written to");
  }
  const Result<std::vector<model::Account>> found = accounts_.accounts();
  if (!found) return tl::unexpected<Error>(found.error());
  if (notes_.cannot_start())
    return fail(Errc::unavailable, "no build can be run; `kiln status` on the server's machine says why");
  return {};
}

}  // namespace kiln::app
