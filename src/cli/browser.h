// The machine's browser. Internal to cli; one thread.
#pragma once

#include <string>

#include "cli/context.h"

namespace kiln::cli {

// Opens an address, or a file, with xdg-open; ten seconds at most. Errors: Errc::unavailable.
[[nodiscard]] Status open_in_browser(Context& context, const std::string& place);

}  // namespace kiln::cli
