#include "runner/tools/project_view.h"

#include <algorithm>

#include "project/package_manager.h"
#include "project/workspaces.h"
#include "runner/tools/detect.h"
#include "runner/tools/version_files.h"

namespace kiln::runner {
namespace {

constexpr const char* kPnpmWorkspace = "pnpm-workspace.yaml";

ProjectView own_files(const std::string& folder, const RepositoryFiles& files) {
  ProjectView view;
  view.workspace_root = folder;
  for (const std::string& name : files_to_read()) {
    const auto found = files.contents.find(path_in(folder, name));
    if (found != files.contents.end()) view.contents[name] = found->second;
  }
  for (const std::string& name : files_to_find()) {
    if (files.present.contains(path_in(folder, name))) view.present.insert(name);
  }
  return view;
}

bool holds(const ProjectView& above, const std::string& root) {
  if (above.present.contains(kPnpmWorkspace)) return true;
  const auto manifest = above.contents.find("package.json");
  if (manifest == above.contents.end()) return false;
  const std::size_t skipped = above.workspace_root.empty() ? 0 : above.workspace_root.size() + 1;
  return project::is_workspace_member(project::workspace_patterns(manifest->second), root.substr(skipped));
}

bool has_lock_file(const ProjectView& view) {
  return project::package_manager_of_locks(view.present).has_value();
}

void add_workspace(ProjectView& view, const ProjectView& above) {
  view.workspace_root = above.workspace_root;
  for (const std::string& name : project::lock_files()) {
    if (!above.present.contains(name)) continue;
    view.present.insert(name);
    const auto text = above.contents.find(name);
    if (text != above.contents.end()) view.contents[name] = text->second;
  }
  const auto manifest = above.contents.find("package.json");
  if (manifest != above.contents.end()) view.contents[kWorkspaceManifest] = manifest->second;
}

std::vector<VersionFile> version_files_up(const std::string& root, const RepositoryFiles& files) {
  std::vector<VersionFile> found;
  for (const std::string& folder : folders_up(root)) {
    for (const std::string& name : version_files()) {
      const auto file = files.contents.find(path_in(folder, name));
      if (file != files.contents.end()) found.push_back({file->first, file->second});
    }
  }
  return found;
}

}  // namespace

std::string path_in(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

std::vector<std::string> folders_up(const std::string& root) {
  std::vector<std::string> folders{root};
  while (!folders.back().empty()) {
    const std::string& last = folders.back();
    const std::size_t slash = last.rfind('/');
    folders.push_back(slash == last.npos ? std::string() : last.substr(0, slash));
  }
  return folders;
}

ProjectView view_from(const std::string& root, const RepositoryFiles& files) {
  ProjectView view = own_files(root, files);
  view.version_files = version_files_up(root, files);
  if (!view.present.contains("package.json") || has_lock_file(view)) return view;
  for (const std::string& folder : folders_up(root)) {
    if (folder == root) continue;
    const ProjectView above = own_files(folder, files);
    if (!has_lock_file(above) || !holds(above, root)) continue;
    add_workspace(view, above);
    break;
  }
  return view;
}

}  // namespace kiln::runner
