// What wrangler noted about its uploads in the output file. The file is written by the build: its word is
// good for a warning and for nothing else.
#pragma once

#include <string_view>

#include "runner/steps/attempt.h"

namespace kiln::runner {

// Reads the output file inside the sandbox.
[[nodiscard]] bool uploaded_something(Attempt& attempt);

// True when some line of the ND-JSON is a deploy or version-upload with a version id. Pure.
[[nodiscard]] bool names_a_version(std::string_view ndjson);

}  // namespace kiln::runner
