#include "project/autofill.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/result.h"
#include "project/json_file.h"
#include "project/package_manager.h"
#include "project/wrangler_config.h"

namespace kiln::project {
namespace {

namespace json = boost::json;
using Sizes = std::map<std::string, std::size_t>;

constexpr const char* kPackageJson = "package.json";
constexpr const char* kUvLock = "uv.lock";
constexpr const char* kPyProject = "pyproject.toml";
constexpr std::string_view kUv = "uv";
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

// Reads files and notes those it cannot read.
class Reader {
 public:
  Reader(const Sizes& sizes, const Autofill::Texts& contents, std::vector<std::string>& unread)
      : sizes_(sizes), contents_(contents), unread_(unread) {}

  // What `parse` makes of the file at `path`; nothing when it is broken, too large or not there.
  template <typename Parse>
  auto read(const std::string& path, Parse parse)
      -> std::optional<typename decltype(parse(path, {}))::value_type> {
    const auto size = sizes_.find(path);
    if (size == sizes_.end()) return std::nullopt;
    if (size->second > kLargestConfigFile) {
      unread_.push_back(fmt::format("{} is {} bytes long; files of more than {} bytes are not read", path,
                                    size->second, kLargestConfigFile));
      return std::nullopt;
    }
    const auto content = contents_.find(path);
    auto parsed =
        parse(path, content == contents_.end() ? std::string_view() : std::string_view(content->second));
    if (parsed) return std::move(*parsed);
    unread_.push_back(parsed.error().message);
    return std::nullopt;
  }

 private:
  const Sizes& sizes_;
  const Autofill::Texts& contents_;
  std::vector<std::string>& unread_;
};

using Packages = std::map<std::string, json::object>;  // folder → its package.json, where that can be read

Packages packages_in(const std::vector<std::string>& folders, Reader& reader) {
  const auto parse = [](const std::string& path, std::string_view text) {
    return parse_json_file(path, text, JsonForm::strict);
  };
  Packages packages;
  for (const std::string& folder : folders) {
    if (auto package = reader.read(below(folder, kPackageJson), parse))
      packages[folder] = std::move(*package);
  }
  return packages;
}

// By packageManager of package.json, by lock file or as a Python project, in the project's own folder and
// then upwards; npm when there is no more than a package.json.
std::optional<std::string_view> manager_of(const std::vector<std::string>& folders, const Sizes& sizes,
                                           const Packages& packages) {
  bool has_package = false;
  for (const std::string& folder : folders) {
    if (const auto package = packages.find(folder); package != packages.end()) {
      const NamedManager named = package_manager_field(package->second);
      if (const auto manager = package_manager_named(named.name)) return to_string(*manager);
    }
    std::set<std::string> locks;
    for (const std::string& lock : lock_files()) {
      if (sizes.contains(below(folder, lock))) locks.insert(lock);
    }
    if (const auto manager = package_manager_of_locks(locks)) return to_string(*manager);
    const bool package_here = sizes.contains(below(folder, kPackageJson));
    if (sizes.contains(below(folder, kUvLock))) return kUv;
    if (!package_here && sizes.contains(below(folder, kPyProject))) return kUv;
    has_package |= package_here;
  }
  return has_package ? std::optional(to_string(PackageManager::npm)) : std::nullopt;
}

Autofill::Texts scripts_of(const json::object& package) {
  Autofill::Texts scripts;
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
    for (const char* python : {kUvLock, kPyProject}) files.push_back(below(folder, python));
    for (const std::string& lock : lock_files()) files.push_back(below(folder, lock));
  }
  return files;
}

std::vector<std::string> files_to_read(const std::string& root, const Sizes& sizes) {
  std::vector<std::string> files;
  if (const auto config = config_file_in(root, sizes)) files.push_back(below(root, *config));
  for (const std::string& folder : folders_upwards(root)) files.push_back(below(folder, kPackageJson));
  const auto is_not_read = [&](const std::string& file) {
    const auto size = sizes.find(file);
    return size == sizes.end() || size->second > kLargestConfigFile;
  };
  files.erase(std::remove_if(files.begin(), files.end(), is_not_read), files.end());
  return files;
}

Autofill autofill(const std::string& root, const Sizes& sizes, const Autofill::Texts& contents) {
  Autofill found;
  Reader reader(sizes, contents, found.unread);
  found.config_file = config_file_in(root, sizes);
  if (found.config_file) {
    found.env_worker_names.reset();
    if (auto config = reader.read(below(root, *found.config_file), parse_wrangler_config)) {
      found.default_worker_name = std::move(config->name);
      found.env_worker_names = std::move(config->env_names);
    }
  }
  const std::vector<std::string> folders = folders_upwards(root);
  const Packages packages = packages_in(folders, reader);
  found.package_manager = manager_of(folders, sizes, packages);
  if (const auto own = packages.find(root); own != packages.end()) {
    found.scripts = scripts_of(own->second);
  } else if (sizes.contains(below(root, kPackageJson))) {
    found.scripts.reset();
  }
  return found;
}

}  // namespace kiln::project
