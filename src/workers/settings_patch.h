// The older way to change a Worker's bindings: a list of them all in one JSON text, from which a new version
// is made and deployed. Stateless over the ports; any thread.
#pragma once

#include <string_view>

#include "base/result.h"
#include "workers/ports.h"

namespace kiln::workers {

// {"bindings":[…],"compatibility_date",…}: the Worker's latest version with these bindings and, where they
// are named, this compatibility date, these flags and limits, deployed at 100 %; script settings among the
// keys are set. A binding of which only name and type are given stays as it is. Without `bindings` all stay.
// Errors: Errc::worker_not_found when there is no version yet, Errc::not_latest, Errc::inherit_invalid,
// Errc::binding_unsupported, Errc::invalid.
[[nodiscard]] Status patch_settings(Ports& ports, const Actor& actor, const model::Worker& worker,
                                    std::string_view text);

}  // namespace kiln::workers
