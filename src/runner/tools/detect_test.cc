#include "runner/tools/detect.h"

#include <gtest/gtest.h>

namespace kiln::runner {
namespace {

using Commands = std::vector<std::string>;

ProjectNeeds needs(const std::map<std::string, std::string>& contents, std::set<std::string> present = {},
                   const std::vector<model::EnvVar>& variables = {}) {
  for (const auto& [name, text] : contents) present.insert(name);
  return detect_needs(view_from("", {contents, present}), variables);
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

Wish manager_of(const std::string& package_json, const std::map<std::string, std::string>& more = {},
                const std::set<std::string>& present = {}) {
  std::map<std::string, std::string> contents = more;
  contents["package.json"] = package_json;
  return needs(contents, present).manager_version;
}

TEST(DetectNeeds, EveryLockFileGetsAVersionThatReadsIt) {
  const auto yarn = [](const std::string& version) {
    return manager_of("{}", {{"yarn.lock", "# by yarn\n\n__metadata:\n  version: " + version + "\n"}}).text;
  };
  EXPECT_EQ(yarn("4"), "2");
  EXPECT_EQ(yarn("6"), "3");
  EXPECT_EQ(yarn("8"), "4.9.1");
  EXPECT_EQ(yarn("9"), ">4.9.1");
  const auto pnpm = [](const std::string& lock) { return manager_of("{}", {{"pnpm-lock.yaml", lock}}).text; };
  EXPECT_EQ(pnpm("lockfileVersion: 5.4\n"), "7");
  EXPECT_EQ(pnpm("lockfileVersion: '9.0'\n"), "10.11.1");
  EXPECT_EQ(pnpm("lockfileVersion: '10.0'\n"), ">=11");
  EXPECT_EQ(
      pnpm("---\nlockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    configDependencies: {}\n"
           "    packageManagerDependencies:\n      '@pnpm/exe':\n        specifier: 12.4.2\n"
           "        version: 12.4.2\n      pnpm:\n        specifier: ^12.0.0\n        version: 12.4.2\n\n"
           "packages:\n\n---\nlockfileVersion: '9.0'\n"),
      "12.4.2");
  EXPECT_EQ(pnpm("---\nlockfileVersion: '9.0'\n---\nlockfileVersion: '9.0'\n"), ">=11");
  const auto bun = [](const std::string& lock) { return manager_of("{}", {{"bun.lock", lock}}).text; };
  EXPECT_EQ(bun("{\n  \"lockfileVersion\": 1,\n"), "1.2.15");
  EXPECT_EQ(bun("{\n  \"lockfileVersion\": 2,\n"), ">=1.4");
}

TEST(DetectNeeds, NpxRefusesWhereDevEnginesNameOtherManagersAlone) {
  const auto refuses = [](const std::string& managers) {
    return needs({{"package.json", R"({"devEngines": {"packageManager": )" + managers + "}}"}}).npx_refuses;
  };
  EXPECT_TRUE(refuses(R"({"name": "pnpm", "version": "^10"})"));
  EXPECT_TRUE(refuses(R"([{"name": "pnpm", "onFail": "ignore"}, {"name": "yarn", "onFail": "error"}])"));
  EXPECT_FALSE(refuses(R"({"name": "pnpm", "onFail": "warn"})"));
  EXPECT_TRUE(refuses(R"([{"name": "pnpm", "onFail": "warn"}, {"name": "yarn"}])"))
      << "the last one's counts";
  EXPECT_FALSE(refuses(R"([{"name": "yarn"}, {"name": "pnpm", "onFail": "warn"}])"));
  EXPECT_FALSE(refuses(R"([{"name": "pnpm"}, {"name": "npm"}])"));
  EXPECT_FALSE(needs({{"package.json", "{}"}}).npx_refuses);
}

TEST(DetectNeeds, DevEnginesNameThePackageManager) {
  const std::string exact =
      R"({"devEngines": {"packageManager": {"name": "pnpm", "version": "12.4.2", "onFail": "download"}}})";
  const ProjectNeeds found = needs({{"package.json", exact}}, {"pnpm-lock.yaml"});
  EXPECT_EQ(found.manager, PackageManager::pnpm);
  EXPECT_EQ(found.manager_version.text, "12.4.2");
  EXPECT_FALSE(found.manager_version.is_limit);
  EXPECT_EQ(found.install_commands, Commands{"pnpm install --frozen-lockfile"});
  EXPECT_EQ(manager_of(R"({"devEngines": {"packageManager": {"name": "pnpm", "version": "^12.0.0"}}})").text,
            "^12.0.0");
  EXPECT_TRUE(
      manager_of(
          R"({"devEngines": {"packageManager": {"name": "pnpm", "version": "^12", "onFail": "warn"}}})")
          .is_limit);
  // packageManager says it exactly; a lock file says which of several.
  EXPECT_EQ(
      manager_of(
          R"({"packageManager": "pnpm@9.1.0", "devEngines": {"packageManager": {"name": "pnpm", "version": ">=9"}}})")
          .text,
      "9.1.0");
  EXPECT_EQ(
      manager_of(
          R"({"devEngines": {"packageManager": [{"name": "npm", "version": "11"}, {"name": "yarn", "version": "4.5.0"}]}})",
          {}, {"yarn.lock"})
          .text,
      "4.5.0");
}

TEST(DetectNeeds, AByteOrderMarkIsNoPartOfAFile) {
  EXPECT_EQ(manager_of("\xef\xbb\xbf{\"packageManager\": \"npm@10.9.2\"}").text, "10.9.2");
  EXPECT_EQ(needs({{".nvmrc",
                    "\xef\xbb\xbf"
                    "22\r\n"}})
                .node.text,
            "22");
}

TEST(DetectNeeds, NodeByVersionManagersAndByPackageJson) {
  const std::string package =
      R"({"volta": {"node": "20.1.0", "pnpm": "9.2.0"}, "engines": {"node": ">=18"},
          "devEngines": {"runtime": {"name": "node", "version": "^22.0.0"}}})";
  EXPECT_EQ(needs({{".tool-versions", "nodejs 22.16.0\n"}}).node.text, "22.16.0");
  EXPECT_EQ(needs({{"mise.toml", "[tools]\nnode = '22'\n"}}).node.origin, "mise.toml");
  EXPECT_EQ(needs({{".tool-versions", "nodejs 22\n"}, {".nvmrc", "20"}}).node.text, "20");
  const ProjectNeeds volta = needs({{"package.json", package}}, {"pnpm-lock.yaml"});
  EXPECT_EQ(volta.node.text, "20.1.0");
  EXPECT_EQ(volta.manager_version.text, "9.2.0");
  ASSERT_EQ(volta.node_limits.size(), 2U);
  const ProjectNeeds limits = needs({{"package.json", R"({"engines": {"node": ">=18"}})"}});
  EXPECT_EQ(limits.node.text, ">=18");
  EXPECT_TRUE(limits.node.is_limit);
  const ProjectNeeds odd = needs({{"package.json", R"({"engines": {"node": "whatever"}})"}});
  EXPECT_FALSE(odd.node.given());
  EXPECT_EQ(odd.not_obeyed, Commands{"engines.node in package.json \"whatever\""});
}

TEST(DetectNeeds, TheNearestFolderThatSaysAVersionCounts) {
  const RepositoryFiles repository{{{".nvmrc", "22.16.0"},
                                    {"apps/.tool-versions", "python 3.12\njava 21\n"},
                                    {"apps/site/package.json", "{}"},
                                    {"apps/other/.nvmrc", "18"}},
                                   {"apps/site/package.json", "apps/site/package-lock.json"}};
  const ProjectNeeds found = detect_needs(view_from("apps/site", repository), {});
  EXPECT_EQ(found.node.text, "22.16.0");
  EXPECT_EQ(found.python.text, "3.12");
  EXPECT_EQ(found.python.origin, "apps/.tool-versions");
  EXPECT_EQ(found.not_obeyed, Commands{"java in apps/.tool-versions"});
}

TEST(DetectNeeds, AnEnginesFieldOfThePackageManagerMovesOnlyTheDefault) {
  EXPECT_EQ(manager_of(R"({"engines": {"pnpm": ">=11"}})", {}, {"pnpm-lock.yaml"}).text, ">=11");
  EXPECT_EQ(manager_of(R"({"engines": {"pnpm": ">=9"}})", {}, {"pnpm-lock.yaml"}).text, "10.11.1");
  EXPECT_EQ(
      manager_of(R"({"engines": {"pnpm": ">=9"}})", {{"pnpm-lock.yaml", "lockfileVersion: '6.0'"}}).text,
      "8");
}

TEST(DetectNeeds, PythonProjectsByTheirFiles) {
  EXPECT_EQ(needs({{"pyproject.toml", "[project]\nname = 'x'\n"}}).install_commands,
            Commands{"pip install ."});
  EXPECT_TRUE(needs({{"pyproject.toml", "[tool.ruff]\n"}}).install_commands.empty());
  EXPECT_EQ(needs({{"pyproject.toml", "[project]\n"}}, {"uv.lock"}).install_commands,
            Commands{"uv sync --frozen"});
  EXPECT_EQ(needs({}, {"Pipfile", "Pipfile.lock"}).install_commands, Commands{"pipenv install --deploy"});
  const ProjectNeeds both = needs({{"pyproject.toml", "[project]\n"}}, {"requirements.txt"});
  EXPECT_EQ(both.python_project, PythonProject::requirements);
  EXPECT_EQ(both.not_obeyed, Commands{"pyproject.toml beside requirements.txt"});
}

TEST(DetectNeeds, ABrokenPackageJsonIsNpmsToComplainAbout) {
  EXPECT_EQ(needs({{"package.json", "{ nope"}}).install_commands, Commands{"npm install --progress=false"});
}

}  // namespace
}  // namespace kiln::runner
