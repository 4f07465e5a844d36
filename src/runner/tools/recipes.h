// How each tool is fetched from the npm registry and laid out. Data and pure functions; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runner/tools/detect.h"
#include "runner/tools/version.h"

namespace kiln::runner {

struct ToolRecipe {
  std::string kind;                                        // folder in the cache, and its name in messages
  std::string package;                                     // whose releases count
  std::vector<std::string> companions;                     // other packages to install with it
  std::vector<std::pair<std::string, std::string>> links;  // bin/<first> → ../lib/node_modules/<second>;
                                                           // of several for one name the first that exists
};

[[nodiscard]] ToolRecipe node_recipe(const Version& version);
[[nodiscard]] ToolRecipe manager_recipe(PackageManager manager, bool modern_yarn);

}  // namespace kiln::runner
