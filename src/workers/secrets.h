// Edits of a Worker's secrets: each makes a new version from the latest. Stateless over the ports; any
// thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "workers/ports.h"

namespace kiln::workers {

struct SecretsEdit {
  std::map<std::string, std::optional<std::string>> changes;  // name → new text, or nothing: remove it
  bool deploy = true;  // at 100 %; then the latest version must be the one that is deployed
  std::map<std::string, std::string> annotations;
};

// Errors: Errc::worker_not_found when the Worker has no version yet (clients then upload an empty one and try
// again), Errc::not_latest, Errc::secret_not_found, Errc::invalid.
[[nodiscard]] Result<model::Version> edit_worker_secrets(Ports& ports, const Actor& actor,
                                                         const model::Worker& worker,
                                                         const SecretsEdit& edit);

}  // namespace kiln::workers
