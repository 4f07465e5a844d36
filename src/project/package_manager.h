// Which package manager a project uses, by package.json and by lock files. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::project {

enum class PackageManager { npm, yarn, pnpm, bun };
[[nodiscard]] std::string_view to_string(PackageManager manager);
[[nodiscard]] std::optional<PackageManager> package_manager_named(std::string_view name);

// packageManager of package.json, "pnpm@10.1.0+sha512.…", in its two halves; both are empty when there is
// none.
struct NamedManager {
  std::string name;
  std::string version;
};
[[nodiscard]] NamedManager package_manager_field(const boost::json::object& package_json);

// Names of every manager's lock files.
[[nodiscard]] const std::vector<std::string>& lock_files();
[[nodiscard]] bool has_lock(PackageManager manager, const std::set<std::string>& present);
// With lock files of several managers the order of the enumeration decides.
[[nodiscard]] std::optional<PackageManager> package_manager_of_locks(const std::set<std::string>& present);

}  // namespace kiln::project
