#include "project/tool_wishes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "project/json_file.h"

namespace kiln::project {
namespace {

using Texts = std::vector<std::string>;

Texts texts(const std::vector<NamedTool>& tools) {
  Texts out;
  for (const NamedTool& tool : tools)
    out.push_back(tool.name + "@" + tool.version + (tool.on_fail.empty() ? "" : " " + tool.on_fail));
  return out;
}

boost::json::object package(const std::string& text) {
  return parse_json_file("package.json", text, JsonForm::strict).value();
}

TEST(ToolWishes, DevEnginesAreOneOrMany) {
  const auto one = package(
      R"({"devEngines": {"packageManager": {"name": "pnpm", "version": "^12.0.0", "onFail": "error"}}})");
  EXPECT_EQ(texts(dev_engines(one, "packageManager")), Texts{"pnpm@^12.0.0 error"});
  EXPECT_TRUE(dev_engines(one, "runtime").empty());
  const auto many = package(
      R"({"devEngines": {"runtime": [{"name": "bun"}, {"version": "1"}, 7, {"name": "node", "version": "22"}]}})");
  EXPECT_EQ(texts(dev_engines(many, "runtime")), (Texts{"bun@", "node@22"}));
  for (const char* odd : {"{}", R"({"devEngines": 7})", R"({"devEngines": {"runtime": "node"}})"})
    EXPECT_TRUE(dev_engines(package(odd), "runtime").empty()) << odd;
}

TEST(ToolWishes, EnginesAndVoltaAreNamesWithVersions) {
  const auto found =
      package(R"({"engines": {"node": ">=20", "npm": 7}, "volta": {"node": "20.1.0", "pnpm": "9.1.0"}})");
  EXPECT_EQ(texts(tools_in_field(found, "engines")), Texts{"node@>=20"});
  EXPECT_EQ(texts(tools_in_field(found, "volta")), (Texts{"node@20.1.0", "pnpm@9.1.0"}));
  EXPECT_TRUE(tools_in_field(package(R"({"engines": ["node >= 20"]})"), "engines").empty());
}

TEST(ToolWishes, ToolVersionsHasALineATool) {
  EXPECT_EQ(
      texts(tools_in_file(
          ".tool-versions",
          "\xef\xbb\xbfnodejs 22.16.0 20.1.0 # ours\r\n#x\n\ngolang\t1.24.3\njava\n"
          "hugo extended_0.147.7\npython system\nruby ref:abc\npnpm latest:9\nnodejs lts-jod\n")),
      (Texts{"node@22.16.0", "go@1.24.3", "hugo@0.147.7", "python@", "ruby@", "pnpm@9", "node@lts/jod"}));
}

TEST(ToolWishes, MiseHasTheForms) {
  auto found = texts(tools_in_file("mise.toml",
                                   "[env]\nX = '1'\n[tools]\nnode = '22.16.0'\npython = ['3.12', '3.11']\n"
                                   "go = { version = '1.24' }\nbun = 1\n'npm:wrangler' = 'latest'\n"));
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (Texts{"bun@1", "go@1.24", "node@22.16.0", "npm:wrangler@latest", "python@3.12"}));
  EXPECT_TRUE(tools_in_file("mise.toml", "[tools\n").empty());
  EXPECT_TRUE(tools_in_file("mise.toml", std::string(100'000, '[')).empty());
  EXPECT_TRUE(tools_in_file(".mise.toml", "tools = 7").empty());
}

TEST(ToolWishes, APyprojectOfSettingsAloneInstallsNothing) {
  EXPECT_TRUE(is_python_project("[project]\nname = 'x'\n"));
  EXPECT_TRUE(is_python_project("[build-system]\nrequires = []\n"));
  EXPECT_FALSE(is_python_project("[tool.ruff]\nline-length = 100\n"));
  EXPECT_TRUE(is_python_project("[project\n"));
}

}  // namespace
}  // namespace kiln::project
