// The folder of tools that builds see read-only at /opt/kiln/tools: <kind>/<version>/bin, and node/default, a
// link to the version used when nobody asks. A missing version is fetched from the npm registry beside its
// place and moved there whole.
//
// Owned by the runner's service, shared by its job threads: all methods from any thread; fetches wait for one
// another.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "runner/tools/detect.h"
#include "runner/tools/npm.h"
#include "runner/tools/version.h"

namespace kiln::runner {

struct Tool {
  std::string folder;  // below the cache: "node/24.1.0"; empty: the system's
  std::string version;
  std::string npm_version;  // of a Node: the npm that comes with it
};

// Where builds get their tools; a test has its own.
class Tools {
 public:
  virtual ~Tools() = default;
  // The Node asked for, or the default one. Errors: Errc::invalid (not understood), Errc::not_found (no such
  // release), Errc::unavailable (the registry), each saying what was asked where, and what is there.
  [[nodiscard]] virtual Result<Tool> node(const Wish& wish) = 0;
  // yarn, pnpm or bun.
  [[nodiscard]] virtual Result<Tool> manager(PackageManager manager, const Wish& wish) = 0;
  // "python", "pip", "ruby", "go", "hugo": what the operator has put into the cache's folder of that name as
  // VERSION/bin, or else the system's, when its version is the one asked for.
  [[nodiscard]] virtual Result<Tool> system(const std::string& name, const Wish& wish) = 0;
};

class ToolCache final : public Tools {
 public:
  ToolCache(Processes& processes, std::filesystem::path root, std::map<std::string, std::string> environment);

  // Removes what runners that are gone were fetching. Before any other call.
  void sweep();

  [[nodiscard]] Result<Tool> node(const Wish& wish) override;
  [[nodiscard]] Result<Tool> manager(PackageManager manager, const Wish& wish) override;
  [[nodiscard]] Result<Tool> system(const std::string& name, const Wish& wish) override;

 private:
  [[nodiscard]] std::vector<Version> installed(const std::string& kind) const;
  [[nodiscard]] std::optional<Version> of_the_system(const std::string& name) const;
  [[nodiscard]] Result<Tool> default_node();
  [[nodiscard]] Result<Tool> node_in(const std::string& version);
  // The version to use for `wish`: installed, or else released; fetched by `fetch` when it is not installed.
  struct Recipe;
  [[nodiscard]] Result<Version> provide(const Recipe& recipe, const Wish& wish);
  [[nodiscard]] Status fetch(const Recipe& recipe, const Version& version);

  Processes& processes_;
  const std::filesystem::path root_;
  const Npm npm_;
  std::mutex fetching_;
};

}  // namespace kiln::runner
