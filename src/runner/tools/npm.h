// The npm of the default Node, run on the host to fetch tools into the cache. Never runs a package's scripts.
// Any thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "runner/tools/version.h"

namespace kiln::runner {

class Npm {
 public:
  // `node_folder`: a folder with bin/node and bin/npm. `environment`: the operator's settings
  // (npm_config_registry, …). `cache`: a folder that nobody else may write.
  Npm(Processes& processes, std::filesystem::path node_folder, std::filesystem::path cache,
      std::map<std::string, std::string> environment)
      : processes_(processes),
        node_folder_(std::move(node_folder)),
        cache_(std::move(cache)),
        environment_(std::move(environment)) {}

  // Every release of a package in the registry. Errors: Errc::unavailable with npm's own words.
  [[nodiscard]] Result<std::vector<Version>> versions(const std::string& package) const;
  // Installs "name@version" packages below `folder`/node_modules.
  [[nodiscard]] Status install(const std::filesystem::path& folder,
                               const std::vector<std::string>& packages) const;

 private:
  [[nodiscard]] Result<std::string> run(std::vector<std::string> arguments, int timeout_ms) const;

  Processes& processes_;
  std::filesystem::path node_folder_;
  std::filesystem::path cache_;
  std::map<std::string, std::string> environment_;
};

}  // namespace kiln::runner
