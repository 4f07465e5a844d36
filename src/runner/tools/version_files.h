// Which version of a tool a project's files want: version files in the nearest folder, and fields of
// package.json. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "project/package_manager.h"
#include "project/tool_wishes.h"
#include "runner/tools/detect.h"
#include "runner/tools/project_view.h"

namespace kiln::runner {

// Files that name the version of one tool, and those of many tools (project::tool_files()).
[[nodiscard]] const std::vector<std::string>& version_files();

// Of `tool` ("node", "python", "pnpm", …) in the nearest folder that says one.
[[nodiscard]] Wish wish_in_files(const ProjectView& view, std::string_view tool);

// In a field of the project's package.json, or else of its workspace's: "volta", "engines".
[[nodiscard]] Wish wish_in_package(const ProjectView& view, std::string_view field, std::string_view tool);

// Of devEngines, "runtime" or "packageManager", the project's or else its workspace's.
[[nodiscard]] std::vector<project::NamedTool> dev_engines_of(const ProjectView& view, std::string_view field);

// Whether npm's `npx` ends with EBADDEVENGINES there: devEngines.packageManager of the package.json that npm
// looks at, the project's or that of a workspace which lists it, names no npm, and the last entry's onFail
// does not let that pass (npm-install-checks).
[[nodiscard]] bool npx_refuses(const ProjectView& view);

// packageManager of package.json, the project's or else its workspace's.
[[nodiscard]] project::NamedManager named_manager(const ProjectView& view);

// Tools that no build is given, named by files of many tools: "java in .tool-versions".
[[nodiscard]] std::vector<std::string> unknown_tools(const ProjectView& view);

}  // namespace kiln::runner
