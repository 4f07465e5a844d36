#include "runner/steps/tools_step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/strings.h"
#include "runner/tools/lock_versions.h"
#include "runner/tools/shims.h"
#include "runner/tools/version.h"

namespace kiln::runner {
namespace {

constexpr const char* kToolsFailed = "Failed: error occurred while installing tools or dependencies";

StepResult tools_failed(Attempt& attempt, const Error& error) {
  return failed(attempt, kToolsFailed, error.message);
}

void put_on_path(Attempt& attempt, const Tool& tool) {
  if (!tool.folder.empty())
    attempt.tool_folders.insert(attempt.tool_folders.begin(), fmt::format("{}/{}/bin", kTools, tool.folder));
  if (tool.in_use) attempt.tools_in_use.push_back(tool.in_use);
}

std::string told(const Wish& wish) {
  return fmt::format("{} \"{}\"", wish.origin, wish.text);
}

bool fits(const Wish& limit, const std::string& version) {
  const auto range = VersionRange::parse(limit.text);
  const auto exact = Version::parse(version);
  return !range || !exact || range->contains(*exact);
}

// The package manager where it is not the Node's own npm; of npm the version.
StepResult find_manager(Attempt& attempt, ProjectNeeds& needs, std::vector<std::string>& found,
                        std::string& npm) {
  const Wish& wish = needs.manager_version;
  // An npm that comes with the Node and is what was asked for need not be fetched.
  if (needs.manager == PackageManager::npm && !npm.empty() && VersionRange::parse(wish.text) &&
      fits(wish, npm))
    return {};
  Result<Tool> manager = attempt.tools.manager(needs.manager, wish);
  if (!manager && wish.is_limit) {
    needs.not_obeyed.push_back(told(wish));
    const Wish usual = version_for_lock(needs.manager, attempt.view.contents);
    if (!usual.given()) return {};
    manager = attempt.tools.manager(needs.manager, usual);
  }
  if (!manager) return tools_failed(attempt, manager.error());
  put_on_path(attempt, *manager);
  if (needs.manager == PackageManager::npm) {
    npm = manager->version;
  } else {
    found.push_back(fmt::format("{}@{}", to_string(needs.manager), manager->version));
  }
  return {};
}

// Node, and the package manager.
StepResult find_node(Attempt& attempt, ProjectNeeds& needs, std::vector<std::string>& found) {
  Result<Tool> node = attempt.tools.node(needs.node);
  if (!node && needs.node.is_limit) node = attempt.tools.node({});
  if (!node) return tools_failed(attempt, node.error());
  put_on_path(attempt, *node);
  for (const Wish& limit : needs.node_limits) {
    if (!fits(limit, node->version)) needs.not_obeyed.push_back(told(limit));
  }
  std::string npm = node->npm_version;
  if (needs.has_package_json && needs.manager_version.given()) {
    StepResult result = find_manager(attempt, needs, found, npm);
    if (result.end != StepEnd::done) return result;
  }
  if (!npm.empty()) found.push_back("npm@" + npm);
  found.push_back("nodejs@" + node->version);
  return {};
}

// Tools that come from the system or the operator's folder. Asked for by a variable, or needed to install:
// then another version is a failure; a mere version file is only told.
StepResult find_system_tool(Attempt& attempt, const std::string& name, const Wish& wish, bool needed,
                            std::vector<std::string>& found) {
  if (!wish.given() && !needed) return {};
  const Result<Tool> tool =
      attempt.tools.system(name, wish.given() ? wish : Wish{"*", "the project's files", false});
  if (tool) {
    put_on_path(attempt, *tool);
    found.push_back(fmt::format("{}@{}", name, tool->version));
    return {};
  }
  if (needed || wish.by_variable) return tools_failed(attempt, tool.error());
  attempt.log.say("Warning: " + tool.error().message);
  return {};
}

// Python and what installs its packages, into a virtual environment of the build's own: neither the host's
// packages nor its pip are used. uv and pipenv come from the machine, or else into that environment.
StepResult find_python(Attempt& attempt, ProjectNeeds& needs, std::vector<std::string>& found) {
  StepResult result = find_system_tool(attempt, "python", needs.python, attempt.uses_python, found);
  if (result.end != StepEnd::done || !attempt.uses_python) return result;
  const std::string installer = needs.python_project == PythonProject::uv        ? "uv"
                                : needs.python_project == PythonProject::pipfile ? "pipenv"
                                                                                 : "";
  if (installer.empty()) return {};
  if (const Result<Tool> tool = attempt.tools.system(installer, {"*", installer, false})) {
    put_on_path(attempt, *tool);
    found.push_back(fmt::format("{}@{}", installer, tool->version));
  } else {
    needs.install_commands.insert(needs.install_commands.end() - 1, "pip install " + installer);
  }
  return {};
}

// "npm@10.9.2" as a name and a version.
std::vector<model::ToolUsed> tools_of(const std::vector<std::string>& found) {
  std::vector<model::ToolUsed> tools;
  for (const std::string& tool : found) {
    const std::size_t at = tool.rfind('@');
    tools.push_back({tool.substr(0, at), at == tool.npos ? std::string() : tool.substr(at + 1)});
  }
  return tools;
}

}  // namespace

StepResult find_tools(Attempt& attempt) {
  attempt.log.begin_step(model::StepName::tools);
  ProjectNeeds needs = detect_needs(attempt.view, attempt.job.environment);
  std::vector<std::string> found;
  StepResult result = find_node(attempt, needs, found);
  attempt.uses_python = needs.python_project != PythonProject::none;
  if (result.end == StepEnd::done) {
    result = find_python(attempt, needs, found);
  }
  if (result.end == StepEnd::done) result = find_system_tool(attempt, "ruby", needs.ruby, false, found);
  if (result.end == StepEnd::done) result = find_system_tool(attempt, "go", needs.go, false, found);
  if (result.end == StepEnd::done) result = find_system_tool(attempt, "hugo", needs.hugo, false, found);
  if (result.end != StepEnd::done) return result;
  if (attempt.uses_python)
    attempt.tool_folders.insert(attempt.tool_folders.begin(), std::string(kPythonHome) + "/bin");
  attempt.install_commands = needs.install_commands;
  attempt.npx_refuses = needs.npx_refuses;
  if (needs.has_package_json) attempt.manager = needs.manager;
  attempt.log.note_tools(tools_of(found));
  attempt.log.say(
      fmt::format("Detected the following tools from environment: {}{}{}", fmt::join(found, ", "),
                  needs.not_obeyed.empty() ? "" : "; not obeyed: ", fmt::join(needs.not_obeyed, ", ")));
  return {};
}

}  // namespace kiln::runner
