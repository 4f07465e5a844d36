// A trigger's root directory as text. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::runner {

// "/", "." and "" → "", "/apps/web/" and "./apps//web" → "apps/web". Errors: Errc::invalid for "..", ".git"
// and control characters, saying what is allowed.
[[nodiscard]] Result<std::string> clean_root_directory(std::string_view text);

}  // namespace kiln::runner
