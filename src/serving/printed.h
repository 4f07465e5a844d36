// What a Worker printed, out of a line of workerd's structured log. Pure function: any thread.
#pragma once

#include <string_view>

#include "workers/tails.h"

namespace kiln::serving {

// A line of another form is kept as it is, at level "log", as of `now`.
[[nodiscard]] workers::TailedLine read_printed(std::string_view line, TimeMs now);

}  // namespace kiln::serving
