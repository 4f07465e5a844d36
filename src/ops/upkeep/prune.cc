#include "ops/upkeep/prune.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "ops/upkeep/blob_names.h"

namespace kiln::ops {
namespace {

constexpr TimeMs kHourMs = 3'600'000;
// As long as a step took, others have the store to themselves, and at least so long.
constexpr std::chrono::milliseconds kLeastPause{1};

tl::unexpected<Error> prune_stopped() {
  return fail(Errc::timeout, "the prune was stopped; what it took away by then is gone, and another goes on");
}

Status prune_history(const PrunePorts& ports, store::PruneWish& wish, Pruned& pruned,
                     const std::function<bool()>& go_on) {
  using store::PruneKind;
  const std::array<std::pair<PruneKind, std::int64_t*>, 6> kinds{
      {{PruneKind::deleted_workers, &pruned.deleted_workers_versions},
       {PruneKind::versions, &pruned.versions},
       {PruneKind::assets, &pruned.assets},
       {PruneKind::builds, &pruned.builds},
       {PruneKind::logs, &pruned.logs},
       {PruneKind::deliveries, &pruned.deliveries}}};
  for (const auto& [kind, count] : kinds) {
    store::PruneCursor cursor;
    while (!cursor.done) {
      if (!go_on()) return prune_stopped();
      const std::int64_t begun = ports.clock.monotonic_ms();
      const Result<store::PruneStep> step = ports.store.prune(kind, wish, cursor);
      if (!step) return tl::unexpected<Error>(step.error());
      *count += step->gone;
      // Whoever has read these names before may still write one of them: they stay a while.
      for (const store::BlobHash& blob : step->unnamed) ports.blobs.renew(hex_of(blob));
      const std::chrono::milliseconds took{ports.clock.monotonic_ms() - begun};
      if (!wish.trial && step->gone > 0) std::this_thread::sleep_for(std::max(took, kLeastPause));
    }
  }
  return {};
}

Status prune_blobs(const PrunePorts& ports, const store::PruneWish& wish, Pruned& pruned,
                   const std::function<bool()>& go_on) {
  const Result<store::BlobHashes> names = ports.names.named_blobs();
  if (!names) return tl::unexpected<Error>(names.error());
  const TimeMs before = ports.clock.now() - wish.keep.blob_hours * kHourMs;
  bool stopped = false;
  const Status walked = ports.blobs.each([&](const workers::BlobStore::Found& found) {
    stopped = !go_on();
    if (stopped) return false;
    if (found.put_on >= before || (found.is_blob && is_named(*names, found.name))) return true;
    bool gone = wish.trial;
    if (!wish.trial) {
      const bool free = ports.hold.unless_held([&] { gone = ports.blobs.remove_if_older(found, before); });
      if (!free) pruned.blobs_held = true;
      if (!free) return false;
    }
    if (!gone) return true;
    ++pruned.blobs;
    pruned.blob_bytes += found.size;
    return true;
  });
  if (!walked) return walked;
  if (stopped) return prune_stopped();
  return {};
}

}  // namespace

Result<Pruned> prune_all(const PrunePorts& ports, const model::Retention& keep, bool trial,
                         const std::function<bool()>& go_on) {
  Pruned pruned;
  store::PruneWish wish;
  wish.keep = keep;
  wish.trial = trial;
  if (Status done = prune_history(ports, wish, pruned, go_on); !done)
    return tl::unexpected<Error>(done.error());
  if (Status done = prune_blobs(ports, wish, pruned, go_on); !done)
    return tl::unexpected<Error>(done.error());
  return pruned;
}

}  // namespace kiln::ops
