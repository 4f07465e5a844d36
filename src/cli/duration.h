// Durations as people write them. Pure. Internal to cli.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace kiln::cli {

// "12h" → milliseconds; `units` are those that may be named, of "smhd". Nothing for anything else, and for
// none at all.
[[nodiscard]] std::optional<TimeMs> parse_duration(std::string_view text, std::string_view units);

}  // namespace kiln::cli
