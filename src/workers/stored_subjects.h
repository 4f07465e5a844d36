// What is stored of a version now, hashed anew: the same names as its attestation has. Stateless over the
// ports; any thread, and as long as its bytes take to read.
#pragma once

#include <vector>

#include "base/result.h"
#include "provenance/subjects.h"
#include "store/version_store.h"
#include "workers/blob_store.h"

namespace kiln::workers {

struct StoredVersion {
  std::string account_id;
  std::string worker_name;
  std::vector<provenance::Subject> subjects;  // without a digest where the bytes are missing
};

// Errors: Errc::version_not_found, also when its Worker was deleted; Errc::io for bytes that cannot be read.
[[nodiscard]] Result<StoredVersion> stored_subjects(store::VersionStore& versions, const BlobStore& blobs,
                                                    const Uuid& version);

}  // namespace kiln::workers
