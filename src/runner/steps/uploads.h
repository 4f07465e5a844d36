// What wrangler noted about its uploads in the output file. The file is written by the build: what it says is
// a claim, which the server judges.
#pragma once

#include <string_view>
#include <vector>

#include "base/ids.h"
#include "runner/steps/attempt.h"

namespace kiln::runner {

// Reads the output file inside the sandbox: the versions it names, at most wire::kMostClaims.
[[nodiscard]] std::vector<Uuid> claimed_versions(Attempt& attempt);

// The version ids of the ND-JSON's deploy and version-upload lines, each once. Pure.
[[nodiscard]] std::vector<Uuid> versions_named_in(std::string_view ndjson);

}  // namespace kiln::runner
