// Which folders of a build are worth keeping for the next one. Pure; any thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runner/tools/detect.h"

namespace kiln::runner {

struct CachePlan {
  std::string kind;                  // of the archive: what has another kind cannot use it
  std::string content;               // hex digits, or empty: save every time
  std::vector<std::string> folders;  // below the home, or below the root directory
  std::vector<std::string> excludes;
};

// `locks`: what identifies the lock files' contents; empty when there are none. Nothing: the project installs
// nothing.
[[nodiscard]] std::optional<CachePlan> dependency_plan(const ProjectNeeds& needs, std::string_view locks);

// By the framework that package.json depends on. Nothing: none that is known.
[[nodiscard]] std::optional<CachePlan> output_plan(const ProjectNeeds& needs, std::string_view package_json,
                                                   std::string_view root);

}  // namespace kiln::runner
