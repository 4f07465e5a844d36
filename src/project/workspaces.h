// Which folders a workspace root holds, by its package.json. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln::project {

// The patterns of "workspaces": a list, or an object with a list "packages". Empty when there is none.
[[nodiscard]] std::vector<std::string> workspace_patterns(std::string_view package_json);

// True when `folder` ("apps/web", below the workspace root) is named by a pattern and taken out by no
// "!pattern" after it. `*` stands for anything within a name, `**` for any number of folders.
[[nodiscard]] bool is_workspace_member(const std::vector<std::string>& patterns, std::string_view folder);

}  // namespace kiln::project
