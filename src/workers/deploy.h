// Routing a Worker's traffic to versions. Stateless over the ports; any thread.
#pragma once

#include <boost/json/object.hpp>

#include "base/result.h"
#include "workers/ports.h"

namespace kiln::workers {

// {"strategy":"percentage","versions":[{"version_id","percentage"}],"annotations"}: one or two different
// versions whose percentages make 100. Going back to an older version that has other secrets than the live
// one needs `force`. Errors: Errc::invalid with the field, Errc::version_not_found, Errc::secrets_changed
// naming them, Errc::forbidden (build is over).
[[nodiscard]] Result<model::Deployment> deploy_versions(Ports& ports, const Actor& actor,
                                                        const model::Worker& worker,
                                                        const boost::json::object& body, bool force);

}  // namespace kiln::workers
