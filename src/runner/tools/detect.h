// What a project asks for, from its files and the build's variables: versions of tools and how to install
// dependencies. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/build.h"
#include "project/package_manager.h"

namespace kiln::runner {

// A version that was asked for, and by which variable or file; empty text: nobody asked.
struct Wish {
  std::string text;
  std::string origin;

  [[nodiscard]] bool given() const { return !text.empty(); }
  // By a variable of the trigger and not by a file of the repository.
  bool by_variable = false;
};

using project::PackageManager;

struct ProjectNeeds {
  Wish node;
  bool has_package_json = false;
  PackageManager manager = PackageManager::npm;
  Wish manager_version;  // with a default for yarn, pnpm and bun
  Wish python;
  Wish ruby;
  Wish go;
  Wish hugo;
  std::vector<std::string> install_commands;
};

// Names, below the root directory, of the files whose contents matter, and of those whose presence does.
[[nodiscard]] const std::vector<std::string>& files_to_read();
[[nodiscard]] const std::vector<std::string>& files_to_find();

// `contents`: those of files_to_read() that exist. `present`: those of files_to_find() that do.
[[nodiscard]] ProjectNeeds detect_needs(const std::map<std::string, std::string>& contents,
                                        const std::set<std::string>& present,
                                        const std::vector<model::EnvVar>& variables);

}  // namespace kiln::runner
