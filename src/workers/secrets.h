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
  const model::Preview* preview = nullptr;  // its latest deployment's secrets, not the Worker's; deploy is
                                            // false then
};

// Errors, when there is no version yet: to deploy Errc::worker_not_found (clients then upload an empty one
// and try again), else Errc::version_not_found, of a preview Errc::preview_empty. Errc::not_latest,
// Errc::secret_not_found, Errc::invalid.
[[nodiscard]] Result<model::Version> edit_worker_secrets(Ports& ports, const Actor& actor,
                                                         const model::Worker& worker,
                                                         const SecretsEdit& edit);

// Ok when `latest` alone has the Worker's traffic; else Errc::not_latest.
[[nodiscard]] Status check_deployed(Ports& ports, const model::Version& latest);

}  // namespace kiln::workers
