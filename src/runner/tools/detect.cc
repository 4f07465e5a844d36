#include "runner/tools/detect.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/strings.h"
#include "runner/tools/project_view.h"

namespace kiln::runner {
namespace {

using project::NamedManager;
using Contents = std::map<std::string, std::string>;

std::string first_line(std::string_view text) {
  for (const std::string& line : split(text, '\n')) {
    const std::string_view word = trim(std::string_view(line).substr(0, line.find('#')));
    if (!word.empty()) return std::string(word.substr(0, 128));
  }
  return {};
}

Wish wish_of(const std::vector<model::EnvVar>& variables, std::string_view variable, const Contents& contents,
             const std::vector<std::string>& files) {
  for (const model::EnvVar& candidate : variables) {
    if (candidate.name != variable || trim(candidate.value).empty()) continue;
    return {std::string(trim(candidate.value)), std::string(variable), true};
  }
  for (const std::string& file : files) {
    const auto found = contents.find(file);
    if (found == contents.end()) continue;
    std::string text = first_line(found->second);
    if (file == "runtime.txt") {
      if (!text.starts_with("python-")) continue;
      text = text.substr(7);
    }
    if (!text.empty()) return {text, file, false};
  }
  return {};
}

// The project's own word, or else its workspace's.
NamedManager package_manager_field(const Contents& contents) {
  for (const char* file : {"package.json", kWorkspaceManifest}) {
    const auto found = contents.find(file);
    if (found == contents.end()) continue;
    boost::system::error_code error;
    const boost::json::value document = boost::json::parse(found->second, error);
    if (error || !document.is_object()) continue;
    NamedManager named = project::package_manager_field(document.get_object());
    if (!named.name.empty()) return named;
  }
  return {};
}

// A lock file wins over a packageManager that it does not belong to: it says what is installed.
PackageManager choose_manager(const NamedManager& named, const std::set<std::string>& present) {
  const std::optional<PackageManager> wanted = project::package_manager_named(named.name);
  if (wanted && has_lock(*wanted, present)) return *wanted;
  if (const auto locked = project::package_manager_of_locks(present)) return *locked;
  return wanted.value_or(PackageManager::npm);
}

// The version a lock file was written for; the hosted service's defaults otherwise.
Wish default_version(PackageManager manager, const Contents& contents) {
  const auto text = [&contents](const char* file) {
    const auto found = contents.find(file);
    return found == contents.end() ? std::string_view() : std::string_view(found->second);
  };
  switch (manager) {
    case PackageManager::npm:
      return {};
    case PackageManager::yarn:
      if (text("yarn.lock").find("# yarn lockfile v1") != std::string_view::npos)
        return {"1", "yarn.lock", false};
      return {"4.9.1", "the default", false};
    case PackageManager::pnpm: {
      const std::string_view head = text("pnpm-lock.yaml").substr(0, 200);
      if (head.find("lockfileVersion: 5.") != head.npos) return {"7", "pnpm-lock.yaml", false};
      if (head.find("lockfileVersion: '6.") != head.npos) return {"8", "pnpm-lock.yaml", false};
      return {"10.11.1", "the default", false};
    }
    case PackageManager::bun:
      return {"1.2.15", "the default", false};
  }
  return {};
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

}  // namespace

const std::vector<std::string>& files_to_read() {
  static const std::vector<std::string> names{"package.json",    ".nvmrc",        ".node-version",
                                              ".python-version", "runtime.txt",   ".ruby-version",
                                              "yarn.lock",       "pnpm-lock.yaml"};
  return names;
}

const std::vector<std::string>& files_to_find() {
  static const std::vector<std::string> names{"package.json", "package-lock.json", "npm-shrinkwrap.json",
                                              "yarn.lock",    "pnpm-lock.yaml",    "bun.lock",
                                              "bun.lockb",    "requirements.txt",  "pnpm-workspace.yaml"};
  return names;
}

ProjectNeeds detect_needs(const Contents& contents, const std::set<std::string>& present,
                          const std::vector<model::EnvVar>& variables) {
  ProjectNeeds needs;
  needs.node = wish_of(variables, "NODE_VERSION", contents, {".nvmrc", ".node-version"});
  needs.python = wish_of(variables, "PYTHON_VERSION", contents, {".python-version", "runtime.txt"});
  needs.ruby = wish_of(variables, "RUBY_VERSION", contents, {".ruby-version"});
  needs.go = wish_of(variables, "GO_VERSION", contents, {});
  needs.hugo = wish_of(variables, "HUGO_VERSION", contents, {});
  needs.has_package_json = present.contains("package.json");
  if (needs.has_package_json) {
    const NamedManager named = package_manager_field(contents);
    needs.manager = choose_manager(named, present);
    needs.manager_version = wish_of(variables, version_variable(needs.manager), contents, {});
    if (!needs.manager_version.given() && named.name == to_string(needs.manager)) {
      needs.manager_version = {named.version, "packageManager in package.json", false};
    }
    if (!needs.manager_version.given()) needs.manager_version = default_version(needs.manager, contents);
    needs.install_commands.push_back(install_command(needs.manager, has_lock(needs.manager, present)));
  }
  if (present.contains("requirements.txt"))
    needs.install_commands.emplace_back("pip install -r requirements.txt");
  return needs;
}

}  // namespace kiln::runner
