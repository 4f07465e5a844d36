// Check runs: what GitHub shows of a build to whoever looks at its commit. Only for scm/forge.
// Source: GitHub's REST API, "Check runs".
#pragma once

#include <string>

#include "scm/forge/fields.h"
#include "scm/forge/forge_api.h"

namespace kiln::scm {

// Makes the build's check run, or brings it up to date. A run is known by external_id, the build's uuid.
[[nodiscard]] Result<std::string> tell_check_run(const ForgeAccess& access, const model::BuildReport& report,
                                                 const Known& known);

// The bodies of POST and PATCH …/check-runs, the first without `head_sha` and `name`, which PATCH lacks.
[[nodiscard]] json::object check_run_body(const model::BuildReport& report, std::size_t first_annotation);
// At most so many annotations go with one call.
inline constexpr std::size_t kAnnotationsACall = 50;

}  // namespace kiln::scm
