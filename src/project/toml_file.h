// Guards the TOML library against files made to exhaust it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::project {

// The library makes one table inside another for every part of a dotted key and takes them down by recursion.
// Refuses brackets nested, or keys dotted, deeper than anybody's configuration. Errors: Errc::invalid,
// "<file>, line 3: …".
[[nodiscard]] Status check_toml_depth(const std::string& file, std::string_view text);

}  // namespace kiln::project
