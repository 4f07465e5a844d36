// What a check and a prune say, as lines of JSON: findings as they are made, and at last what came of it.
// Pure functions; any thread.
#pragma once

#include <string>

#include "base/result.h"
#include "ops/upkeep/check.h"
#include "ops/upkeep/prune.h"

namespace kiln::ops {

[[nodiscard]] std::string line_of(const Finding& finding);
[[nodiscard]] std::string last_line(const CheckSummary& summary);
[[nodiscard]] std::string last_line(const Pruned& pruned, bool trial);
// Of work that did not come to its end.
[[nodiscard]] std::string last_line(const Error& error);

}  // namespace kiln::ops
