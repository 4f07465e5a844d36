// Putting a fetched tool in its place, and reading versions out of what programs print. Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runner/tools/version.h"

namespace kiln::runner {

// bin/<first> → ../lib/node_modules/<second>, executable. A link whose target is absent is left out, and
// one whose name is taken.
[[nodiscard]] Status link_programs(const std::filesystem::path& folder,
                                   const std::vector<std::pair<std::string, std::string>>& links);
// Everything below may be read by everybody: builds have uids of their own.
[[nodiscard]] Status make_readable(const std::filesystem::path& folder);
// Renames; that somebody else was quicker is success.
[[nodiscard]] Status move_into_place(const std::filesystem::path& from, const std::filesystem::path& to);

// The first x.y or x.y.z in a text such as "go version go1.24.3 linux/amd64".
[[nodiscard]] std::optional<Version> first_version(std::string_view text);

}  // namespace kiln::runner
