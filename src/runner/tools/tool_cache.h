// The folder of tools that builds see read-only at /opt/kiln/tools: <kind>/<version>/bin, and node/default, a
// link to the version used when nobody asks. A missing version is fetched from the npm registry beside its
// place and moved there whole. The folder is kept below a size: of what was fetched the versions that no
// build has used for longest are removed.
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
#include "runner/tools/node_lines.h"
#include "runner/tools/npm.h"
#include "runner/tools/tool_shelf.h"
#include "runner/tools/version.h"

namespace kiln::runner {

struct Tool {
  std::string folder;  // below the cache: "node/24.1.0"; empty: the system's
  std::string version;
  std::string npm_version;             // of a Node: the npm that comes with it
  std::shared_ptr<const Fd> in_use{};  // nobody removes it while this is held; null: of the system
};

// Where builds get their tools; a test has its own.
class Tools {
 public:
  virtual ~Tools() = default;
  // The Node asked for, or the default one, also where that is within a limit. Errors: Errc::invalid (not
  // understood), Errc::not_found (no such release), Errc::unavailable (the registry), each saying what was
  // asked where, and what is there.
  [[nodiscard]] virtual Result<Tool> node(const Wish& wish) = 0;
  // yarn, pnpm or bun.
  [[nodiscard]] virtual Result<Tool> manager(PackageManager manager, const Wish& wish) = 0;
  // "python", "uv", "pipenv", "ruby", "go", "hugo": what the operator has put into the cache's folder of that
  // name as VERSION/bin, or else the system's, when its version is the one asked for.
  [[nodiscard]] virtual Result<Tool> system(const std::string& name, const Wish& wish) = 0;
};

class ToolCache final : public Tools {
 public:
  // `most_bytes`: 0: no bound.
  ToolCache(Processes& processes, const Clock& clock, std::filesystem::path root,
            std::map<std::string, std::string> environment, std::uint64_t most_bytes = 0);

  // Removes what runners that are gone were fetching, and what is above the bound, and puts the shims there.
  // Before any other call.
  void sweep();

  // Removes one thing that can be fetched again and is not in use. False: there is none.
  bool give_up_one() { return shelf_.give_up_one(); }

  [[nodiscard]] Result<Tool> node(const Wish& wish) override;
  [[nodiscard]] Result<Tool> manager(PackageManager manager, const Wish& wish) override;
  [[nodiscard]] Result<Tool> system(const std::string& name, const Wish& wish) override;

 private:
  struct Recipe;
  [[nodiscard]] std::vector<Version> installed(const std::string& kind) const;
  [[nodiscard]] std::optional<Version> of_the_system(const std::string& name) const;
  [[nodiscard]] Result<Tool> default_node();
  [[nodiscard]] Result<Tool> node_in(const std::string& version);
  [[nodiscard]] Result<VersionRange> range_of(const Recipe& recipe, const Wish& wish);
  // The version to use for `wish`, in use: installed, or else released; fetched by `fetch` when it is not
  // installed.
  [[nodiscard]] Result<Tool> provide(const Recipe& recipe, const Wish& wish);
  [[nodiscard]] Result<Version> choose(const Recipe& recipe, const Wish& wish, const VersionRange& range);
  [[nodiscard]] Status fetch(const Recipe& recipe, const Version& version);

  // Every release of a package in the registry, which is asked at most once a minute.
  [[nodiscard]] Result<std::vector<Version>> released(const std::string& package);

  struct Releases {
    std::vector<Version> versions;
    std::int64_t asked_ms = 0;
  };
  Processes& processes_;
  const Clock& clock_;
  const std::filesystem::path root_;
  const Npm npm_;
  ToolShelf shelf_;
  NodeLines lines_;
  std::mutex fetching_;  // also over what follows
  std::map<std::string, Releases> releases_;
};

}  // namespace kiln::runner
