// The comma-separated id lists of the two batch look-ups. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace kiln::api::builds {

inline constexpr std::size_t kMostIds = 20;

// The distinct version ids of a version_ids value, in order; blanks around ids and upper case are folded.
// Errors: Errc::invalid naming the parameter: none given, more than 20 distinct, or one that is no UUID.
[[nodiscard]] Result<std::vector<Uuid>> parse_version_ids(std::string_view text);

// The same for external_script_ids: 32-hex Worker tags.
[[nodiscard]] Result<std::vector<std::string>> parse_worker_tags(std::string_view text);

}  // namespace kiln::api::builds
