// Takes away what the settings keep no longer: history first, then the uploads that nothing names. Called on
// a thread that gives way; between two small transactions others get their turn.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "model/retention.h"
#include "ops/upkeep/blob_hold.h"
#include "store/check_store.h"
#include "store/retention_store.h"
#include "workers/blob_store.h"

namespace kiln::ops {

struct PrunePorts {
  store::RetentionStore& store;
  store::CheckStore& names;
  workers::BlobStore& blobs;
  BlobHold& hold;
  const Clock& clock;
};

struct Pruned {
  std::int64_t deleted_workers_versions = 0;
  std::int64_t versions = 0;
  std::int64_t assets = 0;
  std::int64_t builds = 0;
  std::int64_t logs = 0;
  std::int64_t deliveries = 0;
  std::int64_t blobs = 0;
  std::uint64_t blob_bytes = 0;
  bool blobs_held = false;  // a backup was being made: uploads stayed
};

// `trial`: nothing is taken, only counted; uploads are those that nothing names now. `go_on` is asked between
// any two steps. Errors: Errc::io, Errc::disk_full; Errc::timeout when it said no.
[[nodiscard]] Result<Pruned> prune_all(const PrunePorts& ports, const model::Retention& keep, bool trial,
                                       const std::function<bool()>& go_on);

}  // namespace kiln::ops
