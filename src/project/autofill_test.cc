#include "project/autofill.h"

#include <gtest/gtest.h>

namespace kiln::project {
namespace {

using Files = std::map<std::string, std::string>;

Autofill fill(const std::string& root, const Files& files) {
  std::map<std::string, std::size_t> sizes;
  for (const std::string& path : autofill_files(root)) {
    if (const auto file = files.find(path); file != files.end()) sizes[path] = file->second.size();
  }
  Files contents;
  for (const std::string& path : files_to_read(root, sizes)) contents[path] = files.at(path);
  return autofill(root, sizes, contents);
}

std::string manager(const std::string& root, const Files& files) {
  return std::string(fill(root, files).package_manager.value_or("none"));
}

TEST(AutofillOfAProject, WithNothingInItIsEmpty) {
  const Autofill found = fill("", {{"README.md", "hello"}});
  EXPECT_FALSE(found.config_file);
  EXPECT_FALSE(found.default_worker_name);
  EXPECT_EQ(found.env_worker_names, Files());
  EXPECT_FALSE(found.package_manager);
  EXPECT_EQ(found.scripts, Files());
  EXPECT_TRUE(found.unread.empty());
}

TEST(AutofillOfAProject, TakesTheFirstConfigFileInWranglersOrderAndReadsNoOther) {
  Files files = {{"wrangler.toml", "name = \"toml\""}, {"wrangler.jsonc", "{\"name\": \"jsonc\"}"}};
  EXPECT_EQ(fill("", files).default_worker_name, "jsonc");
  files["wrangler.toml"] = "[broken";
  EXPECT_EQ(fill("", files).config_file, "wrangler.jsonc");
  files["wrangler.json"] = "{\"name\": \"json\"}";
  EXPECT_EQ(fill("", files).default_worker_name, "json");
}

TEST(AutofillOfAProject, LooksOnlyInTheRootDirectoryForConfigAndScripts) {
  const Files files = {{"wrangler.json", R"({"name": "top"})"},
                       {"package.json", R"({"scripts": {"build": "top"}})"},
                       {"apps/web/wrangler.toml", "name = \"web\""},
                       {"apps/web/package.json", R"({"scripts": {"build": "vite build", "x": 1}})"}};
  const Autofill found = fill("apps/web", files);
  EXPECT_EQ(found.config_file, "wrangler.toml");
  EXPECT_EQ(found.default_worker_name, "web");
  EXPECT_EQ(found.scripts, (Files{{"build", "vite build"}}));
  EXPECT_FALSE(fill("apps", files).config_file);
}

TEST(AutofillOfAProject, TellsThePackageManagerByFieldThenLockFileThenUpwards) {
  EXPECT_EQ(manager("", {{"package.json", "{}"}}), "npm");
  EXPECT_EQ(manager("", {{"yarn.lock", ""}}), "yarn");
  EXPECT_EQ(manager("a", {{"package.json", "{}"}}), "npm") << "a workspace's folder without one of its own";
  EXPECT_EQ(manager("", {{"package.json", "{}"}, {"pnpm-lock.yaml", ""}}), "pnpm");
  EXPECT_EQ(manager("", {{"package.json", "{}"}, {"bun.lockb", ""}}), "bun");
  EXPECT_EQ(manager("", {{"package.json", R"({"packageManager": "yarn@4.1.0"})"}, {"bun.lock", ""}}), "yarn");
  EXPECT_EQ(manager("", {{"package.json", R"({"packageManager": "cargo@1"})"}, {"bun.lock", ""}}), "bun");
  EXPECT_EQ(manager("a/b", {{"a/b/package.json", "{}"}, {"yarn.lock", ""}}), "yarn");
  EXPECT_EQ(manager("a/b", {{"a/b/package.json", "{}"}, {"a/pnpm-lock.yaml", ""}, {"yarn.lock", ""}}),
            "pnpm");
  EXPECT_EQ(manager("a/b", {{"a/b/package.json", "{}"}, {"package.json", R"({"packageManager": "bun@1"})"}}),
            "bun");
}

TEST(AutofillOfAProject, KnowsAPythonProjectByItsFiles) {
  EXPECT_EQ(manager("", {{"pyproject.toml", ""}}), "uv");
  EXPECT_EQ(manager("", {{"uv.lock", ""}, {"package.json", "{}"}}), "uv");
  EXPECT_EQ(manager("", {{"pyproject.toml", ""}, {"package.json", "{}"}}), "npm")
      << "the tools of a JS project";
  EXPECT_EQ(manager("", {{"uv.lock", ""}, {"pnpm-lock.yaml", ""}}), "pnpm");
  EXPECT_EQ(manager("api", {{"api/pyproject.toml", ""}, {"package-lock.json", ""}}), "uv");
}

TEST(AutofillOfAProject, WithABrokenConfigFileSaysSoAndTellsTheRest) {
  const Autofill found = fill("a", {{"a/wrangler.toml", "name = oops"},
                                    {"a/package.json", R"({"scripts": {"build": "tsc"}})"},
                                    {"a/yarn.lock", ""}});
  EXPECT_EQ(found.config_file, "wrangler.toml");
  EXPECT_FALSE(found.default_worker_name);
  EXPECT_FALSE(found.env_worker_names) << "nobody knows, which is not the same as none";
  EXPECT_EQ(found.package_manager, "yarn");
  EXPECT_EQ(found.scripts, (Files{{"build", "tsc"}}));
  ASSERT_EQ(found.unread.size(), 1U);
  EXPECT_TRUE(found.unread[0].starts_with("a/wrangler.toml, line 1: ")) << found.unread[0];
}

TEST(AutofillOfAProject, WithABrokenPackageJsonGoesByTheLockFile) {
  const Autofill found =
      fill("a", {{"a/package.json", "{\n nope"}, {"a/bun.lock", ""}, {"package.json", "{,"}});
  EXPECT_FALSE(found.scripts);
  EXPECT_EQ(found.package_manager, "bun");
  ASSERT_EQ(found.unread.size(), 2U);
  EXPECT_TRUE(found.unread[0].starts_with("a/package.json, line 2: ")) << found.unread[0];
  EXPECT_TRUE(found.unread[1].starts_with("package.json, line 1: ")) << found.unread[1];
}

TEST(AutofillOfAProject, DoesNotReadAFileThatIsTooLarge) {
  const Autofill found = fill("a", {{"a/wrangler.toml", std::string(kLargestConfigFile + 1, ' ')}});
  EXPECT_EQ(found.unread,
            std::vector<std::string>{
                "a/wrangler.toml is 1048577 bytes long; files of more than 1048576 bytes are not read"});
  EXPECT_EQ(found.config_file, "wrangler.toml");
}

TEST(AutofillOfAProject, InAVeryDeepFolderAsksForAFewFilesOnly) {
  std::string root = "d";
  for (int i = 0; i < 400; ++i) root += "/d";
  const std::vector<std::string> files = autofill_files(root);
  EXPECT_LT(files.size(), 200U);
  EXPECT_EQ(files.back(), "bun.lockb");
}

}  // namespace
}  // namespace kiln::project
