#include "runner/steps/tools_step.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

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

// Node, and the package manager where it is not Node's own npm.
StepResult find_node(Attempt& attempt, const ProjectNeeds& needs, std::vector<std::string>& found) {
  const Result<Tool> node = attempt.tools.node(needs.node);
  if (!node) return tools_failed(attempt, node.error());
  put_on_path(attempt, *node);
  std::string npm = node->npm_version;
  if (needs.has_package_json && needs.manager_version.given()) {
    // An npm that comes with the Node and is what was asked for need not be fetched.
    const bool is_there = needs.manager == PackageManager::npm && needs.manager_version.text == npm;
    if (!is_there) {
      const Result<Tool> manager = attempt.tools.manager(needs.manager, needs.manager_version);
      if (!manager) return tools_failed(attempt, manager.error());
      put_on_path(attempt, *manager);
      if (needs.manager == PackageManager::npm) {
        npm = manager->version;
      } else {
        found.push_back(fmt::format("{}@{}", to_string(needs.manager), manager->version));
      }
    }
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
      attempt.tools.system(name, wish.given() ? wish : Wish{"*", "requirements.txt", false});
  if (tool) {
    put_on_path(attempt, *tool);
    found.push_back(fmt::format("{}@{}", name, tool->version));
    return {};
  }
  if (needed || wish.by_variable) return tools_failed(attempt, tool.error());
  attempt.log.say("Warning: " + tool.error().message);
  return {};
}

// Python, with a pip where it has to install: the pip of a Python in the operator's folder comes with it.
StepResult find_python(Attempt& attempt, const ProjectNeeds& needs, std::vector<std::string>& found) {
  const std::size_t folders = attempt.tool_folders.size();
  StepResult result = find_system_tool(attempt, "python", needs.python, attempt.uses_python, found);
  const bool brings_pip = attempt.tool_folders.size() > folders;
  if (result.end != StepEnd::done || !attempt.uses_python || brings_pip) return result;
  return find_system_tool(attempt, "pip", {}, true, found);
}

}  // namespace

StepResult find_tools(Attempt& attempt) {
  const ProjectNeeds needs =
      detect_needs(attempt.view.contents, attempt.view.present, attempt.job.environment);
  std::vector<std::string> found;
  StepResult result = find_node(attempt, needs, found);
  attempt.uses_python = attempt.view.present.contains("requirements.txt");
  if (result.end == StepEnd::done) {
    result = find_python(attempt, needs, found);
  }
  if (result.end == StepEnd::done) result = find_system_tool(attempt, "ruby", needs.ruby, false, found);
  if (result.end == StepEnd::done) result = find_system_tool(attempt, "go", needs.go, false, found);
  if (result.end == StepEnd::done) result = find_system_tool(attempt, "hugo", needs.hugo, false, found);
  if (result.end != StepEnd::done) return result;
  attempt.install_commands = needs.install_commands;
  std::string list;
  for (const std::string& tool : found) list += (list.empty() ? "" : ", ") + tool;
  attempt.log.say("Detected the following tools from environment: " + list);
  return {};
}

}  // namespace kiln::runner
