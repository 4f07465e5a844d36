#include "project/autofill.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "project/json_file.h"
#include "project/wrangler_config.h"

namespace kiln::project {
namespace {

namespace json = boost::json;
using Sizes = std::map<std::string, std::size_t>;

constexpr const char* kPackageJson = "package.json";
constexpr std::size_t kMostFoldersAbove = 16;

std::string below(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

// `root` and the folders above it, the repository's root last; of a very deep one only the nearest and the
// root.
std::vector<std::string> folders_upwards(const std::string& root) {
  std::vector<std::string> folders = {root};
  while (!folders.back().empty()) {
    const std::size_t cut = folders.back().rfind('/');
    const bool far = folders.size() > kMostFoldersAbove;
    folders.push_back(cut == std::string::npos || far ? std::string() : folders.back().substr(0, cut));
  }
  return folders;
}

std::optional<std::string> config_file_in(const std::string& root, const Sizes& sizes) {
  const auto& names = wrangler_config_files();
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const std::string& name) { return sizes.contains(below(root, name)); });
  if (found == names.end()) return std::nullopt;
  return *found;
}

const std::string& text_of(const std::map<std::string, std::string>& contents, const std::string& path) {
  static const std::string none;
  const auto found = contents.find(path);
  return found == contents.end() ? none : found->second;
}

using Packages = std::map<std::string, json::object>;  // folder → its package.json

Result<Packages> packages_in(const std::vector<std::string>& folders, const Sizes& sizes,
                             const std::map<std::string, std::string>& contents) {
  Packages packages;
  for (const std::string& folder : folders) {
    const std::string file = below(folder, kPackageJson);
    if (!sizes.contains(file)) continue;
    Result<json::object> package = parse_json_file(file, text_of(contents, file), JsonForm::strict);
    if (!package) return tl::unexpected<Error>(package.error());
    packages[folder] = std::move(*package);
  }
  return packages;
}

// By packageManager of package.json, then by lock file, in the project's own folder and then upwards.
PackageManager manager_of(const std::vector<std::string>& folders, const Sizes& sizes,
                          const Packages& packages) {
  for (const std::string& folder : folders) {
    if (const auto package = packages.find(folder); package != packages.end()) {
      const NamedManager named = package_manager_field(package->second);
      if (const auto manager = package_manager_named(named.name)) return *manager;
    }
    std::set<std::string> locks;
    for (const std::string& lock : lock_files()) {
      if (sizes.contains(below(folder, lock))) locks.insert(lock);
    }
    if (const auto manager = package_manager_of_locks(locks)) return *manager;
  }
  return PackageManager::npm;
}

std::map<std::string, std::string> scripts_of(const json::object& package) {
  std::map<std::string, std::string> scripts;
  const json::value* field = package.if_contains("scripts");
  if (field == nullptr || !field->is_object()) return scripts;
  for (const auto& [name, command] : field->get_object()) {
    if (command.is_string()) scripts[std::string(name)] = std::string(command.get_string());
  }
  return scripts;
}

}  // namespace

std::vector<std::string> autofill_files(const std::string& root) {
  std::vector<std::string> files;
  for (const std::string& name : wrangler_config_files()) files.push_back(below(root, name));
  for (const std::string& folder : folders_upwards(root)) {
    files.push_back(below(folder, kPackageJson));
    for (const std::string& lock : lock_files()) files.push_back(below(folder, lock));
  }
  return files;
}

Result<std::vector<std::string>> files_to_read(const std::string& root, const Sizes& sizes) {
  std::vector<std::string> files;
  if (const auto config = config_file_in(root, sizes)) files.push_back(below(root, *config));
  if (sizes.contains(below(root, kPackageJson))) {
    for (const std::string& folder : folders_upwards(root)) {
      if (sizes.contains(below(folder, kPackageJson))) files.push_back(below(folder, kPackageJson));
    }
  }
  for (const std::string& file : files) {
    if (sizes.at(file) > kLargestConfigFile) {
      return fail(Errc::invalid, fmt::format("{} is {} bytes long; files of more than {} bytes are not read",
                                             file, sizes.at(file), kLargestConfigFile));
    }
  }
  return files;
}

Result<Autofill> autofill(const std::string& root, const Sizes& sizes,
                          const std::map<std::string, std::string>& contents) {
  Autofill found;
  found.config_file = config_file_in(root, sizes);
  if (found.config_file) {
    const std::string path = below(root, *found.config_file);
    Result<WranglerConfig> config = parse_wrangler_config(path, text_of(contents, path));
    if (!config) return tl::unexpected<Error>(config.error());
    found.default_worker_name = std::move(config->name);
    found.env_worker_names = std::move(config->env_names);
  }
  if (!sizes.contains(below(root, kPackageJson))) return found;
  const std::vector<std::string> folders = folders_upwards(root);
  const Result<Packages> packages = packages_in(folders, sizes, contents);
  if (!packages) return tl::unexpected<Error>(packages.error());
  found.package_manager = manager_of(folders, sizes, *packages);
  found.scripts = scripts_of(packages->at(root));
  return found;
}

}  // namespace kiln::project
