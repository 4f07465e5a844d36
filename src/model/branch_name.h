// The one rule for names of branches, wherever they come from: a hook, the API, the CLI, a deploy hook. Pure;
// any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace kiln::model {

inline constexpr std::size_t kLongestBranchName = 256;  // bytes

// What git-check-ref-format(1) allows, and besides: at most 256 bytes of what
// base/printable.h leaves as it is, since the name goes into JSON, logs and the environment unchanged; and no
// '-' in front, since it could be taken for an option. Errors: Errc::invalid, field "branch", saying which
// part of the rule.
[[nodiscard]] Status check_branch_name(std::string_view branch);

}  // namespace kiln::model
