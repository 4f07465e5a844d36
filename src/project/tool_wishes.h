// Which tools a project's files ask for beside its lock files: fields of package.json, .tool-versions and
// mise.toml. What a version means is not judged here. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::project {

struct NamedTool {
  std::string name;     // as everybody calls it: "node", "go", …
  std::string version;  // of several the first
  std::string on_fail;  // of devEngines: "ignore", "warn", "error", "download" or empty
};

// devEngines.runtime, devEngines.packageManager: one or a list.
[[nodiscard]] std::vector<NamedTool> dev_engines(const boost::json::object& package_json,
                                                 std::string_view field);
// engines and volta: name → version.
[[nodiscard]] std::vector<NamedTool> tools_in_field(const boost::json::object& package_json,
                                                    std::string_view field);

// Files in which version managers keep versions of many tools.
[[nodiscard]] const std::vector<std::string>& tool_files();
// What such a file asks for, in its order. Lines and values that are not understood ask for nothing.
[[nodiscard]] std::vector<NamedTool> tools_in_file(const std::string& file, std::string_view text);

// Whether a pyproject.toml describes something that can be installed, and not only settings of tools.
[[nodiscard]] bool is_python_project(std::string_view pyproject);

}  // namespace kiln::project
