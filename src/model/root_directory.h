// A trigger's root directory as text: the one rule for the API that stores it, the runner that builds in it
// and `kiln run`. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::model {

// "/", "." and "" → "", "/apps/web/" and "./apps//web" → "apps/web". Errors: Errc::invalid, field
// "root_directory", for what no commit can have as a folder: "..", ".git" in any case, control characters and
// names above 255 bytes. The message begins with "must".
[[nodiscard]] Result<std::string> clean_root_directory(std::string_view text);

}  // namespace kiln::model
