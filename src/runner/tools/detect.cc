#include "runner/tools/detect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "project/tool_wishes.h"
#include "runner/tools/lock_versions.h"
#include "runner/tools/version.h"
#include "runner/tools/version_files.h"

namespace kiln::runner {
namespace {

using project::NamedManager;
using project::NamedTool;

Wish wish_of_variable(const std::vector<model::EnvVar>& variables, std::string_view variable) {
  for (const model::EnvVar& candidate : variables) {
    if (candidate.name == variable && !trim(candidate.value).empty())
      return {std::string(trim(candidate.value)), std::string(variable), true};
  }
  return {};
}

Wish wish_of(const ProjectView& view, const std::vector<model::EnvVar>& variables, std::string_view variable,
             std::string_view tool) {
  Wish wish = wish_of_variable(variables, variable);
  return wish.given() ? wish : wish_in_files(view, tool);
}

// A limit that nobody here understands is no limit.
void add_limit(std::vector<Wish>& limits, Wish wish, std::vector<std::string>& not_obeyed) {
  if (!wish.given()) return;
  wish.is_limit = true;
  if (VersionRange::parse(wish.text)) {
    limits.push_back(std::move(wish));
  } else {
    not_obeyed.push_back(fmt::format("{} \"{}\"", wish.origin, wish.text));
  }
}

void choose_node(const ProjectView& view, const std::vector<model::EnvVar>& variables, ProjectNeeds& needs) {
  for (const NamedTool& runtime : dev_engines_of(view, "runtime")) {
    const std::string origin = "devEngines.runtime in package.json";
    if (runtime.name != "node") {
      needs.not_obeyed.push_back(fmt::format("{} of {}", runtime.name, origin));
    } else if (runtime.on_fail != "ignore") {
      add_limit(needs.node_limits, {runtime.version, origin}, needs.not_obeyed);
    }
  }
  add_limit(needs.node_limits, wish_in_package(view, "engines", "node"), needs.not_obeyed);
  needs.node = wish_of(view, variables, "NODE_VERSION", "node");
  if (!needs.node.given()) needs.node = wish_in_package(view, "volta", "node");
  if (!needs.node.given() && !needs.node_limits.empty()) needs.node = needs.node_limits.front();
}

std::string_view version_variable(PackageManager manager) {
  switch (manager) {
    case PackageManager::npm:
      return "NPM_VERSION";
    case PackageManager::yarn:
      return "YARN_VERSION";
    case PackageManager::pnpm:
      return "PNPM_VERSION";
    case PackageManager::bun:
      return "BUN_VERSION";
  }
  return {};
}

struct NamedByProject {
  std::string name;
  Wish version;
};

// packageManager, or else that of devEngines whose lock file is there, or its first.
NamedByProject manager_named_by(const ProjectView& view, std::vector<std::string>& not_obeyed) {
  const NamedManager field = named_manager(view);
  if (!field.name.empty()) return {field.name, {field.version, "packageManager in package.json"}};
  NamedByProject chosen;
  for (const NamedTool& tool : dev_engines_of(view, "packageManager")) {
    const std::string origin = "devEngines.packageManager in package.json";
    const auto manager = project::package_manager_named(tool.name);
    if (!manager) {
      not_obeyed.push_back(fmt::format("{} of {}", tool.name, origin));
      continue;
    }
    const bool is_locked = has_lock(*manager, view.present);
    if (!chosen.name.empty() && !is_locked) continue;
    chosen = {tool.name, {tool.version, origin}};
    chosen.version.is_limit = tool.on_fail == "ignore" || tool.on_fail == "warn";
    if (is_locked) break;
  }
  return chosen;
}

// A lock file wins over a manager that it does not belong to: it says what is installed.
PackageManager choose_manager(const std::string& named, const std::set<std::string>& present) {
  const std::optional<PackageManager> wanted = project::package_manager_named(named);
  if (wanted && has_lock(*wanted, present)) return *wanted;
  if (const auto locked = project::package_manager_of_locks(present)) return *locked;
  return wanted.value_or(PackageManager::npm);
}

bool holds(const Wish& limit, const Wish& exact) {
  const auto range = VersionRange::parse(limit.text);
  const auto version = Version::parse(exact.text);
  return range && version && range->contains(*version);
}

Wish manager_version(const ProjectView& view, const std::vector<model::EnvVar>& variables,
                     PackageManager manager, const NamedByProject& named,
                     std::vector<std::string>& not_obeyed) {
  const std::string tool(to_string(manager));
  Wish wish = wish_of_variable(variables, version_variable(manager));
  if (!wish.given() && named.name == tool) wish = named.version;
  if (!wish.given()) wish = wish_in_package(view, "volta", tool);
  if (!wish.given()) wish = wish_in_files(view, tool);
  if (wish.given()) return wish;
  wish = version_for_lock(manager, view.contents);
  std::vector<Wish> limits;
  add_limit(limits, wish_in_package(view, "engines", tool), not_obeyed);
  const bool is_free = !wish.given() || wish.origin == kByDefault;
  if (!limits.empty() && is_free && !holds(limits.front(), wish)) return limits.front();
  return wish;
}

std::string install_command(PackageManager manager, bool locked) {
  switch (manager) {
    case PackageManager::npm:
      return locked ? "npm clean-install --progress=false" : "npm install --progress=false";
    case PackageManager::yarn:
      return "yarn";
    case PackageManager::pnpm:
      return locked ? "pnpm install --frozen-lockfile" : "pnpm install";
    case PackageManager::bun:
      return locked ? "bun install --frozen-lockfile" : "bun install";
  }
  return {};
}

void find_package_manager(const ProjectView& view, const std::vector<model::EnvVar>& variables,
                          ProjectNeeds& needs) {
  const NamedByProject named = manager_named_by(view, needs.not_obeyed);
  needs.manager = choose_manager(named.name, view.present);
  if (!named.name.empty() && named.name != to_string(needs.manager)) {
    needs.not_obeyed.push_back(fmt::format("{} of {}", named.name, named.version.origin));
  }
  needs.manager_version = manager_version(view, variables, needs.manager, named, needs.not_obeyed);
  needs.npx_refuses = npx_refuses(view);
  needs.install_commands.push_back(install_command(needs.manager, has_lock(needs.manager, view.present)));
}

struct PythonFile {
  PythonProject project;
  const char* file;
};
// In the order in which they count.
constexpr std::array<PythonFile, 4> kPythonFiles = {{{PythonProject::requirements, "requirements.txt"},
                                                     {PythonProject::uv, "uv.lock"},
                                                     {PythonProject::pipfile, "Pipfile"},
                                                     {PythonProject::pyproject, "pyproject.toml"}}};

std::vector<std::string> python_commands(PythonProject project, const std::set<std::string>& present) {
  switch (project) {
    case PythonProject::none:
      return {};
    case PythonProject::requirements:
      return {"pip install -r requirements.txt"};
    case PythonProject::uv:
      return {"uv sync --frozen"};
    case PythonProject::pipfile:
      return {present.contains("Pipfile.lock") ? "pipenv install --deploy" : "pipenv install"};
    case PythonProject::pyproject:
      return {"pip install ."};
  }
  return {};
}

void find_python_project(const ProjectView& view, ProjectNeeds& needs) {
  const char* chosen = nullptr;
  for (const PythonFile& one : kPythonFiles) {
    if (!view.present.contains(one.file)) continue;
    if (one.project == PythonProject::pyproject) {
      const auto text = view.contents.find(one.file);
      if (text != view.contents.end() && !project::is_python_project(text->second)) continue;
    }
    if (chosen == nullptr) {
      chosen = one.file;
      needs.python_project = one.project;
    } else if (needs.python_project != PythonProject::uv || one.project != PythonProject::pyproject) {
      needs.not_obeyed.push_back(fmt::format("{} beside {}", one.file, chosen));
    }
  }
  for (std::string& command : python_commands(needs.python_project, view.present))
    needs.install_commands.push_back(std::move(command));
}

}  // namespace

const std::vector<std::string>& files_to_read() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all{"package.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "pyproject.toml"};
    all.insert(all.end(), version_files().begin(), version_files().end());
    return all;
  }();
  return names;
}

const std::vector<std::string>& files_to_find() {
  static const std::vector<std::string> names{
      "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock",           "pnpm-lock.yaml",
      "bun.lock",     "bun.lockb",         "requirements.txt",    "pnpm-workspace.yaml", "pyproject.toml",
      "uv.lock",      "Pipfile",           "Pipfile.lock"};
  return names;
}

ProjectNeeds detect_needs(const ProjectView& view, const std::vector<model::EnvVar>& variables) {
  ProjectNeeds needs;
  choose_node(view, variables, needs);
  needs.python = wish_of(view, variables, "PYTHON_VERSION", "python");
  needs.ruby = wish_of(view, variables, "RUBY_VERSION", "ruby");
  needs.go = wish_of(view, variables, "GO_VERSION", "go");
  needs.hugo = wish_of(view, variables, "HUGO_VERSION", "hugo");
  needs.has_package_json = view.present.contains("package.json");
  if (needs.has_package_json) find_package_manager(view, variables, needs);
  find_python_project(view, needs);
  for (std::string& tool : unknown_tools(view)) needs.not_obeyed.push_back(std::move(tool));
  return needs;
}

}  // namespace kiln::runner
