#include "project/autofill.h"

#include <gtest/gtest.h>

namespace kiln::project {
namespace {

using Files = std::map<std::string, std::string>;

Result<Autofill> fill(const std::string& root, const Files& files) {
  std::map<std::string, std::size_t> sizes;
  for (const std::string& path : autofill_files(root)) {
    if (const auto file = files.find(path); file != files.end()) sizes[path] = file->second.size();
  }
  const Result<std::vector<std::string>> wanted = files_to_read(root, sizes);
  if (!wanted) return tl::unexpected<Error>(wanted.error());
  Files contents;
  for (const std::string& path : *wanted) contents[path] = files.at(path);
  return autofill(root, sizes, contents);
}

std::string manager(const std::string& root, const Files& files) {
  const Result<Autofill> found = fill(root, files);
  if (!found) return found.error().message;
  return found->package_manager ? std::string(to_string(*found->package_manager)) : "none";
}

TEST(AutofillOfAProject, WithNothingInItIsEmpty) {
  const Result<Autofill> found = fill("", {{"README.md", "hello"}});
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->config_file);
  EXPECT_FALSE(found->default_worker_name);
  EXPECT_TRUE(found->env_worker_names.empty());
  EXPECT_FALSE(found->package_manager);
  EXPECT_TRUE(found->scripts.empty());
}

TEST(AutofillOfAProject, TakesTheFirstConfigFileInWranglersOrderAndReadsNoOther) {
  Files files = {{"wrangler.toml", "name = \"toml\""}, {"wrangler.jsonc", "{\"name\": \"jsonc\"}"}};
  EXPECT_EQ(fill("", files)->default_worker_name, "jsonc");
  files["wrangler.toml"] = "[broken";
  EXPECT_EQ(fill("", files)->config_file, "wrangler.jsonc");
  files["wrangler.json"] = "{\"name\": \"json\"}";
  EXPECT_EQ(fill("", files)->default_worker_name, "json");
}

TEST(AutofillOfAProject, LooksOnlyInTheRootDirectoryForConfigAndScripts) {
  const Files files = {{"wrangler.json", R"({"name": "top"})"},
                       {"package.json", R"({"scripts": {"build": "top"}})"},
                       {"apps/web/wrangler.toml", "name = \"web\""},
                       {"apps/web/package.json", R"({"scripts": {"build": "vite build", "x": 1}})"}};
  const Result<Autofill> found = fill("apps/web", files);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->config_file, "wrangler.toml");
  EXPECT_EQ(found->default_worker_name, "web");
  EXPECT_EQ(found->scripts, (Files{{"build", "vite build"}}));
  EXPECT_FALSE(fill("apps", files)->config_file);
}

TEST(AutofillOfAProject, TellsThePackageManagerByFieldThenLockFileThenUpwards) {
  EXPECT_EQ(manager("", {{"package.json", "{}"}}), "npm");
  EXPECT_EQ(manager("", {{"yarn.lock", ""}}), "none");
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

TEST(AutofillOfAProject, NamesTheFileThatIsBrokenOrTooLarge) {
  EXPECT_TRUE(manager("a", {{"a/package.json", "{\n nope"}}).starts_with("a/package.json, line 2: "));
  EXPECT_TRUE(
      manager("a", {{"a/package.json", "{}"}, {"package.json", "{,"}}).starts_with("package.json, line 1: "));
  EXPECT_EQ(manager("a", {{"a/wrangler.toml", std::string((1U << 20U) + 1, ' ')}}),
            "a/wrangler.toml is 1048577 bytes long; files of more than 1048576 bytes are not read");
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
