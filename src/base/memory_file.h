// Files that are in memory alone, for what a child of ours is to read and no disk is to hold. Any thread.
#pragma once

#include <string_view>

#include "base/fs.h"
#include "base/result.h"

namespace kiln {

// Holds `bytes` and stands at its start; at a number from kFirstInherited on, closed on exec. Errors:
// Errc::io.
[[nodiscard]] Result<Fd> memory_file(std::string_view bytes);

}  // namespace kiln
