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
#include "runner/tools/project_view.h"

namespace kiln::runner {

// A version that was asked for, and by which variable or file; empty text: nobody asked.
struct Wish {
  std::string text;
  std::string origin;

  [[nodiscard]] bool given() const { return !text.empty(); }
  // By a variable of the trigger and not by a file of the repository.
  bool by_variable = false;
  // Says what will do and not what to take: a default that will do stays, and where nothing does that is
  // told, no failure.
  bool is_limit = false;
};

using project::PackageManager;

// How a project's Python packages are installed.
enum class PythonProject { none, requirements, uv, pipfile, pyproject };

struct ProjectNeeds {
  Wish node;
  std::vector<Wish> node_limits;  // whoever chooses
  bool has_package_json = false;
  PackageManager manager = PackageManager::npm;
  Wish manager_version;  // with a default for yarn, pnpm and bun
  PythonProject python_project = PythonProject::none;
  Wish python;
  Wish ruby;
  Wish go;
  Wish hugo;
  bool npx_refuses = false;  // version_files.h
  std::vector<std::string> install_commands;
  std::vector<std::string> not_obeyed;  // what was found besides, and where: "java in .tool-versions"
};

// Names, below the root directory and in each folder above it, of the files whose contents matter, and of
// those whose presence does.
[[nodiscard]] const std::vector<std::string>& files_to_read();
[[nodiscard]] const std::vector<std::string>& files_to_find();

[[nodiscard]] ProjectNeeds detect_needs(const ProjectView& view, const std::vector<model::EnvVar>& variables);

}  // namespace kiln::runner
