// The commands that make and unpack archives of build caches, inside the sandbox: whatever links, devices or
// paths an archive or a folder holds, nothing outside the build can be reached. Pure; any thread.
#pragma once

#include <string>

#include "runner/cache/cache_plan.h"
#include "runner/sandbox/sandbox.h"

namespace kiln::runner {

inline constexpr int kNothingToSave = 3;

// Unpacks the lent archive `plan.kind` below `base`; takes nothing out of it but the plan's folders. Files
// that are there already stay as they are. A failure leaves nothing in the folders when they were `fresh`.
[[nodiscard]] Command unpack_command(const CachePlan& plan, const std::string& base, bool fresh);

// Prints the archive, and nothing else. Exit code kNothingToSave: none of the folders is there.
[[nodiscard]] Command pack_command(const CachePlan& plan, const std::string& base);

}  // namespace kiln::runner
