#include "runner/tools/project_view.h"

#include <gtest/gtest.h>

#include "runner/tools/detect.h"

namespace kiln::runner {
namespace {

RepositoryFiles files(const std::map<std::string, std::string>& contents) {
  RepositoryFiles made;
  made.contents = contents;
  for (const auto& [path, text] : contents) made.present.insert(path);
  return made;
}

std::vector<std::string> install(const std::string& root, const RepositoryFiles& repository) {
  const ProjectView view = view_from(root, repository);
  return detect_needs(view, {}).install_commands;
}

using Commands = std::vector<std::string>;

TEST(ProjectView, AWorkspaceMemberIsInstalledByItsRootsLockFile) {
  const RepositoryFiles repository = files({{"package.json", R"({"workspaces": ["apps/*"]})"},
                                            {"package-lock.json", "{}"},
                                            {".nvmrc", "20"},
                                            {"apps/web/package.json", "{}"}});
  EXPECT_EQ(install("apps/web", repository), Commands{"npm clean-install --progress=false"});
  const ProjectView view = view_from("apps/web", repository);
  EXPECT_EQ(view.workspace_root, "");
  EXPECT_EQ(view.version_files.at(0).path, ".nvmrc");
}

TEST(ProjectView, AFolderThatNoWorkspaceHoldsStandsAlone) {
  EXPECT_EQ(install("tools/web", files({{"package.json", R"({"workspaces": ["apps/*"]})"},
                                        {"package-lock.json", "{}"},
                                        {"tools/web/package.json", "{}"}})),
            Commands{"npm install --progress=false"});
  EXPECT_EQ(install("apps/web",
                    files({{"package.json", "{}"}, {"yarn.lock", ""}, {"apps/web/package.json", "{}"}})),
            Commands{"npm install --progress=false"});
}

TEST(ProjectView, ItsOwnLockFileWins) {
  EXPECT_EQ(install("apps/web", files({{"package.json", R"({"workspaces": ["apps/*"]})"},
                                       {"package-lock.json", "{}"},
                                       {"apps/web/package.json", "{}"},
                                       {"apps/web/yarn.lock", ""}})),
            Commands{"yarn"});
}

TEST(ProjectView, APnpmWorkspaceNeedsNoPatternsAndSaysItsVersion) {
  const ProjectView view =
      view_from("packages/site", files({{"package.json", R"({"packageManager": "pnpm@9.15.0"})"},
                                        {"pnpm-workspace.yaml", "packages: ['packages/*']"},
                                        {"pnpm-lock.yaml", "lockfileVersion: '9.0'"},
                                        {"packages/site/package.json", "{}"}}));
  const ProjectNeeds needs = detect_needs(view, {});
  EXPECT_EQ(needs.install_commands, Commands{"pnpm install --frozen-lockfile"});
  EXPECT_EQ(needs.manager_version.text, "9.15.0");
}

TEST(ProjectView, FoldersUpEndAtTheTop) {
  EXPECT_EQ(folders_up("a/b"), (Commands{"a/b", "a", ""}));
  EXPECT_EQ(folders_up(""), Commands{""});
}

}  // namespace
}  // namespace kiln::runner
