#include "runner/tools/version_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/strings.h"
#include "project/json_file.h"

namespace kiln::runner {
namespace {

using project::NamedTool;

constexpr std::size_t kLongestVersion = 128;
constexpr std::size_t kMostTold = 10;

struct OneToolFile {
  std::string_view name;
  std::string_view tool;
};
// In the order in which they count within a folder.
constexpr std::array<OneToolFile, 5> kOneToolFiles = {{{".nvmrc", "node"},
                                                       {".node-version", "node"},
                                                       {".python-version", "python"},
                                                       {"runtime.txt", "python"},
                                                       {".ruby-version", "ruby"}}};
// What a build can be given.
constexpr std::array<std::string_view, 9> kKnown = {"node", "npm",  "pnpm", "yarn",  "bun",
                                                    "go",   "ruby", "hugo", "python"};

std::string first_line(std::string_view text) {
  for (const std::string& line : split(without_byte_order_mark(text), '\n')) {
    const std::string_view word = trim(std::string_view(line).substr(0, line.find('#')));
    if (!word.empty()) return std::string(word.substr(0, kLongestVersion));
  }
  return {};
}

bool is_tool_file(std::string_view name) {
  const std::vector<std::string>& names = project::tool_files();
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string said_by(const VersionFile& file, std::string_view tool) {
  const std::string name = file.path.substr(file.path.rfind('/') + 1);
  if (is_tool_file(name)) {
    for (const NamedTool& one : project::tools_in_file(name, file.text)) {
      if (one.name == tool) return one.version;
    }
    return {};
  }
  const auto* const known = std::find_if(kOneToolFiles.begin(), kOneToolFiles.end(),
                                         [&](const OneToolFile& one) { return one.name == name; });
  if (known == kOneToolFiles.end() || known->tool != tool) return {};
  std::string text = first_line(file.text);
  if (name != "runtime.txt") return text;
  return text.starts_with("python-") ? text.substr(7) : std::string();
}

// The package.json of the project, then that of its workspace, until `take` has what it wants.
void in_manifests(const ProjectView& view, const std::function<bool(const boost::json::object&)>& take) {
  for (const char* file : {"package.json", kWorkspaceManifest}) {
    const auto found = view.contents.find(file);
    if (found == view.contents.end()) continue;
    const auto document = project::parse_json_file(file, found->second, project::JsonForm::strict);
    if (document && take(*document)) return;
  }
}

}  // namespace

const std::vector<std::string>& version_files() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(kOneToolFiles.size() + project::tool_files().size());
    for (const OneToolFile& one : kOneToolFiles) all.emplace_back(one.name);
    all.insert(all.end(), project::tool_files().begin(), project::tool_files().end());
    return all;
  }();
  return names;
}

Wish wish_in_files(const ProjectView& view, std::string_view tool) {
  for (const VersionFile& file : view.version_files) {
    if (std::string text = said_by(file, tool); !text.empty()) return {std::move(text), file.path};
  }
  return {};
}

Wish wish_in_package(const ProjectView& view, std::string_view field, std::string_view tool) {
  Wish wish;
  in_manifests(view, [&](const boost::json::object& manifest) {
    for (const NamedTool& one : project::tools_in_field(manifest, field)) {
      if (one.name == tool) wish = {one.version, fmt::format("{}.{} in package.json", field, tool)};
    }
    return wish.given();
  });
  return wish;
}

std::vector<NamedTool> dev_engines_of(const ProjectView& view, std::string_view field) {
  std::vector<NamedTool> tools;
  in_manifests(view, [&](const boost::json::object& manifest) {
    tools = project::dev_engines(manifest, field);
    return !tools.empty();
  });
  return tools;
}

bool npx_refuses(const ProjectView& view) {
  std::vector<NamedTool> managers;
  bool is_own = true;
  in_manifests(view, [&](const boost::json::object& manifest) {
    if (is_own || manifest.contains("workspaces"))
      managers = project::dev_engines(manifest, "packageManager");
    is_own = false;
    return false;
  });
  if (managers.empty()) return false;
  const std::string& on_fail = managers.back().on_fail;
  const auto is_npm = [](const NamedTool& manager) { return manager.name == "npm"; };
  return on_fail != "warn" && on_fail != "ignore" && std::none_of(managers.begin(), managers.end(), is_npm);
}

project::NamedManager named_manager(const ProjectView& view) {
  project::NamedManager named;
  in_manifests(view, [&](const boost::json::object& manifest) {
    named = project::package_manager_field(manifest);
    return !named.name.empty();
  });
  return named;
}

std::vector<std::string> unknown_tools(const ProjectView& view) {
  std::vector<std::string> unknown;
  for (const VersionFile& file : view.version_files) {
    const std::string name = file.path.substr(file.path.rfind('/') + 1);
    if (!is_tool_file(name)) continue;
    for (const NamedTool& one : project::tools_in_file(name, file.text)) {
      const bool is_known = std::find(kKnown.begin(), kKnown.end(), one.name) != kKnown.end();
      if (!is_known && unknown.size() < kMostTold)
        unknown.push_back(fmt::format("{} in {}", one.name, file.path));
      if (is_known && one.version.empty() && unknown.size() < kMostTold)
        unknown.push_back(fmt::format("{}'s version in {}", one.name, file.path));
    }
  }
  return unknown;
}

}  // namespace kiln::runner
