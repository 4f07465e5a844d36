// RFC 3339 times in UTC with milliseconds and Z, the only form the API writes: 2019-12-27T18:11:19.117Z.
// Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kiln {

[[nodiscard]] std::string format_rfc3339(TimeMs time);

// Accepts the same form, with or without the fraction. Errors: Errc::invalid.
[[nodiscard]] Result<TimeMs> parse_rfc3339(std::string_view text);

}  // namespace kiln
