#include "project/package_manager.h"

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <iterator>

namespace kiln::project {
namespace {

constexpr std::array kManagers = {PackageManager::npm, PackageManager::yarn, PackageManager::pnpm,
                                  PackageManager::bun};

struct LockFile {
  PackageManager manager;
  const char* name;
};
constexpr std::array<LockFile, 6> kLockFiles = {{{PackageManager::npm, "package-lock.json"},
                                                 {PackageManager::npm, "npm-shrinkwrap.json"},
                                                 {PackageManager::yarn, "yarn.lock"},
                                                 {PackageManager::pnpm, "pnpm-lock.yaml"},
                                                 {PackageManager::bun, "bun.lock"},
                                                 {PackageManager::bun, "bun.lockb"}}};

}  // namespace

std::string_view to_string(PackageManager manager) {
  switch (manager) {
    case PackageManager::npm:
      return "npm";
    case PackageManager::yarn:
      return "yarn";
    case PackageManager::pnpm:
      return "pnpm";
    case PackageManager::bun:
      return "bun";
  }
  return {};
}

std::optional<PackageManager> package_manager_named(std::string_view name) {
  const auto* const found = std::find_if(kManagers.begin(), kManagers.end(), [name](PackageManager manager) {
    return name == to_string(manager);
  });
  if (found == kManagers.end()) return std::nullopt;
  return *found;
}

NamedManager package_manager_field(const boost::json::object& package_json) {
  const boost::json::value* field = package_json.if_contains("packageManager");
  if (field == nullptr || !field->is_string()) return {};
  const std::string_view text = field->get_string();
  const std::size_t at = text.find('@');
  if (at == text.npos) return {std::string(text), {}};
  const std::string_view version = text.substr(at + 1);
  return {std::string(text.substr(0, at)), std::string(version.substr(0, version.find('+')))};
}

const std::vector<std::string>& lock_files() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(std::size(kLockFiles));
    for (const LockFile& lock : kLockFiles) all.emplace_back(lock.name);
    return all;
  }();
  return names;
}

bool has_lock(PackageManager manager, const std::set<std::string>& present) {
  return std::any_of(kLockFiles.begin(), kLockFiles.end(), [&](const LockFile& lock) {
    return lock.manager == manager && present.contains(lock.name);
  });
}

std::optional<PackageManager> package_manager_of_locks(const std::set<std::string>& present) {
  for (const LockFile& lock : kLockFiles) {
    if (present.contains(lock.name)) return lock.manager;
  }
  return std::nullopt;
}

}  // namespace kiln::project
