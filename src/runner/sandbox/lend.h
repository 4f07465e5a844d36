// Shows a folder of the host inside a sandbox that is running already: what a prepared sandbox learns only
// when it gets its build. The folder is mounted, read-only, over an empty one on the build's disk; the
// sandbox's mounts are slaves of ours, so it arrives there too, locked. Any thread; root only.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/result.h"

namespace kiln::runner {

// True when what is mounted below `disk`, a mount point, arrives in the sandboxes that show it, and the
// kernel knows the calls (5.12).
[[nodiscard]] bool can_lend(const std::filesystem::path& disk);

// Mounts `folder` at `place`. Goes with the disk. Errors: Errc::io.
[[nodiscard]] Status lend_folder(const std::filesystem::path& folder, const std::filesystem::path& place);

// Whether `folder` is what process `inside` sees at `path`.
[[nodiscard]] bool is_seen_at(const std::filesystem::path& folder, pid_t inside, const char* path);

}  // namespace kiln::runner
