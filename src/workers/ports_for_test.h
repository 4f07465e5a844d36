// The ports of a deploy target that stands on a test's own ground. One thread, that of its test.
#pragma once

#include "testing/store_ground.h"
#include "workers/ports.h"

namespace kiln::workers {

[[nodiscard]] inline Ports ports_of(testing::StoreGround& ground, BlobStore& blobs,
                                    const AccountHosts& hosts) {
  return {ground.workers,
          ground.versions,
          ground.previews,
          ground.assets,
          ground.host_routes,
          ground.kv_namespaces,
          ground.d1_databases,
          ground.r2_buckets,
          ground.queues,
          blobs,
          ground.clock,
          ground.entropy,
          hosts};
}

}  // namespace kiln::workers
