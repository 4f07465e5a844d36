// The folders of one build on the host. Blocks on disk; one folder belongs to one thread.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace kiln::runner {

// Makes build_folder (ours alone, 0700) with repo/, home/ and tmp/ (0700, owned by `uid`), after removing
// what stood there. `uid` must be our own unless we are root. Errors: Errc::io.
[[nodiscard]] Status make_build_folders(const std::filesystem::path& build_folder, unsigned uid);
// The same inside a folder that is there and empty.
[[nodiscard]] Status fill_build_folder(const std::filesystem::path& build_folder, unsigned uid);

}  // namespace kiln::runner
