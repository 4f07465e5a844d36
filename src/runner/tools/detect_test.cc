#include "runner/tools/detect.h"

#include <gtest/gtest.h>

namespace kiln::runner {
namespace {

using Commands = std::vector<std::string>;

ProjectNeeds needs(const std::map<std::string, std::string>& contents, std::set<std::string> present = {},
                   const std::vector<model::EnvVar>& variables = {}) {
  for (const auto& [name, text] : contents) present.insert(name);
  return detect_needs(contents, present, variables);
}

TEST(DetectNeeds, InstallsByLockFile) {
  EXPECT_EQ(needs({{"package.json", "{}"}}, {"package-lock.json"}).install_commands,
            Commands{"npm clean-install --progress=false"});
  EXPECT_EQ(needs({{"package.json", "{}"}}).install_commands, Commands{"npm install --progress=false"});
  EXPECT_EQ(needs({{"package.json", "{}"}}, {"yarn.lock"}).install_commands, Commands{"yarn"});
  EXPECT_EQ(needs({{"package.json", "{}"}}, {"pnpm-lock.yaml"}).install_commands,
            Commands{"pnpm install --frozen-lockfile"});
  EXPECT_EQ(needs({{"package.json", "{}"}}, {"bun.lock"}).install_commands,
            Commands{"bun install --frozen-lockfile"});
  EXPECT_EQ(needs({}, {"requirements.txt"}).install_commands, Commands{"pip install -r requirements.txt"});
  EXPECT_TRUE(needs({}).install_commands.empty());
}

TEST(DetectNeeds, AVariableWinsOverAFile) {
  const ProjectNeeds found = needs({{".nvmrc", "20\n"}}, {}, {{"NODE_VERSION", " 22 ", false, 0}});
  EXPECT_EQ(found.node.text, "22");
  EXPECT_EQ(found.node.origin, "NODE_VERSION");
  EXPECT_TRUE(found.node.by_variable);
}

TEST(DetectNeeds, VersionFilesHaveAnOrderAndMayHaveComments) {
  EXPECT_EQ(needs({{".nvmrc", "# ours\nlts/*\n"}, {".node-version", "18"}}).node.text, "lts/*");
  EXPECT_EQ(needs({{".node-version", "18.1.0"}}).node.origin, ".node-version");
  EXPECT_EQ(needs({{"runtime.txt", "python-3.11.4\n"}}).python.text, "3.11.4");
  EXPECT_FALSE(needs({{"runtime.txt", "ruby"}}).python.given());
}

TEST(DetectNeeds, PackageManagerFieldChoosesManagerAndVersion) {
  const ProjectNeeds found = needs({{"package.json", R"({"packageManager": "pnpm@9.1.0+sha512.abc"})"}});
  EXPECT_EQ(found.manager, PackageManager::pnpm);
  EXPECT_EQ(found.manager_version.text, "9.1.0");
  EXPECT_EQ(found.install_commands, Commands{"pnpm install"});
}

TEST(DetectNeeds, TheLockFileChoosesTheManagersGeneration) {
  EXPECT_EQ(needs({{"package.json", "{}"}, {"yarn.lock", "# yarn lockfile v1\n"}}).manager_version.text, "1");
  EXPECT_EQ(needs({{"package.json", "{}"}, {"yarn.lock", "__metadata:\n"}}).manager_version.text, "4.9.1");
  EXPECT_EQ(
      needs({{"package.json", "{}"}, {"pnpm-lock.yaml", "lockfileVersion: '6.0'\n"}}).manager_version.text,
      "8");
}

TEST(DetectNeeds, ABrokenPackageJsonIsNpmsToComplainAbout) {
  EXPECT_EQ(needs({{"package.json", "{ nope"}}).install_commands, Commands{"npm install --progress=false"});
}

}  // namespace
}  // namespace kiln::runner
