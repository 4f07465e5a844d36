// An uploaded script becomes a version. Order: check everything, start it once, store the blobs, then one
// transaction that the answer speaks of. Stateless over the ports; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "workers/multipart.h"
#include "workers/ports.h"

namespace kiln::workers {

struct Upload {
  const model::Worker& worker;
  bool create = false;             // the Worker is new: it is stored once everything else has been checked
  const std::vector<Part>& parts;  // with `metadata` among them
  bool strict_inherit = false;
  bool deploy = false;  // at 100 %, and take the script settings that came along
};

// Sent again by the same build (its client lost the answer), with nothing uploaded in between, the same
// upload returns the version that it made the first time; anyone else's makes another version. Errors:
// Errc::script_invalid, binding_unsupported, inherit_invalid, invalid, forbidden (the build is over).
[[nodiscard]] Result<model::Version> upload_version(Ports& ports, const Actor& actor, const Upload& upload);

}  // namespace kiln::workers
