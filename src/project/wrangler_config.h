// wrangler's configuration file, as far as names go: of the Worker and of its environments. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kiln::project {

struct WranglerConfig {
  std::optional<std::string> name;
  // Environment → the Worker it deploys to: its own name, else "<name>-<environment>". An environment that
  // has neither to go by is left out.
  std::map<std::string, std::string> env_names;
};

// The names that wrangler looks for, in its order; the first that exists is the one it reads.
[[nodiscard]] const std::vector<std::string>& wrangler_config_files();

// `file` is its path, which ends in .json, .jsonc or .toml and says which it is. Errors: Errc::invalid with
// the file, the line where one is known, and what is wrong there.
[[nodiscard]] Result<WranglerConfig> parse_wrangler_config(const std::string& file, std::string_view text);

}  // namespace kiln::project
