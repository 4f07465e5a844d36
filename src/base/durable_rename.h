// Renames that last. Any thread; blocks on disk.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace kiln {

// Renames a file or folder, what stood there before being replaced as rename(2) does, and makes it survive
// power loss. Errors: Errc::io, Errc::disk_full.
[[nodiscard]] Status rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace kiln
