// wrangler's configuration file, as far as names and routes go: of the Worker and of its environments. Pure;
// any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kiln::project {

// What leads requests of a domain to the Worker.
struct WranglerRoute {
  bool custom_domain = false;  // `pattern` is a whole host
  std::string pattern;

  bool operator==(const WranglerRoute&) const = default;
};

struct WranglerConfig {
  std::optional<std::string> name;
  // Environment → the Worker it deploys to: its own name, else "<name>-<environment>". An environment that
  // has neither to go by is left out.
  std::map<std::string, std::string> env_names;
  // `route` and `routes`, and of the environments that have some of their own instead. What is no route is
  // left out: wrangler says what is wrong with it.
  std::vector<WranglerRoute> routes;
  std::map<std::string, std::vector<WranglerRoute>> env_routes;

  // Those that a deployment of the environment sets; "": of none.
  [[nodiscard]] const std::vector<WranglerRoute>& routes_of(const std::string& env) const;
};

// The names that wrangler looks for, in its order; the first that exists is the one it reads.
[[nodiscard]] const std::vector<std::string>& wrangler_config_files();

// `file` is its path, which ends in .json, .jsonc or .toml and says which it is. Errors: Errc::invalid with
// the file, the line where one is known, and what is wrong there.
[[nodiscard]] Result<WranglerConfig> parse_wrangler_config(const std::string& file, std::string_view text);

}  // namespace kiln::project
