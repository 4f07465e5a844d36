// Files that are in memory alone, for what a child of ours is to read and no disk is to hold. Any thread.
#pragma once

#include <string_view>

#include "base/fs.h"
#include "base/result.h"

namespace kiln {

// The lowest number of a descriptor made here: below it a child sets up its own.
inline constexpr int kFirstInherited = 16;

// Holds `bytes` and stands at its start; closed on exec. Errors: Errc::io.
[[nodiscard]] Result<Fd> memory_file(std::string_view bytes);

}  // namespace kiln
