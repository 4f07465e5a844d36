// The files that decide about tools and installing, as a project in a folder of a larger repository sees
// them. Pure; any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace kiln::runner {

// Files by their paths from the repository's root, as far as they exist.
struct RepositoryFiles {
  std::map<std::string, std::string> contents;
  std::set<std::string> present;
};

// A file that names versions of tools.
struct VersionFile {
  std::string path;  // from the repository's root
  std::string text;
};

// `root`'s own files, by their names, and the version files of `root` and every folder above it. A
// package.json without a lock file of its own that a workspace root above it holds (package.json
// "workspaces", or a pnpm-workspace.yaml) also sees, of that workspace root: its lock files and its
// package.json, as kWorkspaceManifest. The nearest one with a lock file counts.
struct ProjectView {
  std::map<std::string, std::string> contents;
  std::set<std::string> present;
  std::vector<VersionFile> version_files;  // the nearest first
  std::string workspace_root;              // "" or "apps"; `root` itself when there is no workspace above
};

inline constexpr const char* kWorkspaceManifest = "the workspace's package.json";

[[nodiscard]] ProjectView view_from(const std::string& root, const RepositoryFiles& files);

// `root` and the folders above it, nearest first: "apps/web" → {"apps/web", "apps", ""}.
[[nodiscard]] std::vector<std::string> folders_up(const std::string& root);
// "apps" + "x" → "apps/x"; "" + "x" → "x".
[[nodiscard]] std::string path_in(const std::string& folder, const std::string& name);

}  // namespace kiln::runner
