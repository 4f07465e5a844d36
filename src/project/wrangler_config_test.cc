#include "project/wrangler_config.h"

#include <gtest/gtest.h>

namespace kiln::project {
namespace {

using Names = std::map<std::string, std::string>;

std::string refusal(const std::string& file, std::string_view text) {
  const Result<WranglerConfig> config = parse_wrangler_config(file, text);
  if (config) return "accepted";
  EXPECT_EQ(config.error().code, Errc::invalid);
  return config.error().message;
}

TEST(WranglerConfigFile, NamesWorkersOfEnvironmentsByWranglersRule) {
  const auto json = parse_wrangler_config("wrangler.json", R"({
    "name": "shop", "main": "index.js",
    "env": {"staging": {"vars": {"A": "1"}}, "production": {"name": "shop-live"}}})");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(json->name, "shop");
  EXPECT_EQ(json->env_names, (Names{{"staging", "shop-staging"}, {"production", "shop-live"}}));
  const auto toml = parse_wrangler_config("wrangler.toml",
                                          "name = \"shop\" # ours\nroute = '''\nname = \"no\"'''\n"
                                          "[env.staging]\nvars = {A = \"1\"}\n"
                                          "[env.production]\nname = 'shop-live'\n");
  ASSERT_TRUE(toml) << toml.error().message;
  EXPECT_EQ(toml->name, json->name);
  EXPECT_EQ(toml->env_names, json->env_names);
}

TEST(WranglerConfigFile, MayHaveCommentsTrailingCommasAndAByteOrderMark) {
  for (const char* file : {"wrangler.jsonc", "wrangler.json"}) {
    const auto config = parse_wrangler_config(file,
                                              "\xef\xbb\xbf// first\n{ /* \"name\": \"x\" */\n"
                                              "\"name\": \"a//b\", // the name\n\"env\": {\"p\": {},},\n}\n");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->name, "a//b");
    EXPECT_EQ(config->env_names, (Names{{"p", "a//b-p"}}));
  }
  EXPECT_EQ(parse_wrangler_config("wrangler.toml", "\xef\xbb\xbfname = \"a\"\n").value().name, "a");
}

TEST(WranglerConfigFile, LeavesOutWhatHasNoName) {
  const auto config = parse_wrangler_config("wrangler.json", R"({"env": {"a": {}, "b": {"name": "x"}}})");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->name, std::nullopt);
  EXPECT_EQ(config->env_names, (Names{{"b", "x"}}));
  EXPECT_EQ(parse_wrangler_config("wrangler.toml", "").value().name, std::nullopt);
}

TEST(WranglerConfigFile, SaysWhereItIsBroken) {
  EXPECT_TRUE(refusal("a/wrangler.json", "{\n\"name\": \"x\"\n\"env\": 1}")
                  .starts_with("a/wrangler.json, line 3: not JSON"));
  EXPECT_EQ(refusal("wrangler.json", "{\n\"name\": "),
            "wrangler.json, line 2: the file ends in the middle of a value");
  EXPECT_EQ(refusal("wrangler.json", ""), "wrangler.json, line 1: the file ends in the middle of a value");
  EXPECT_EQ(refusal("wrangler.json", "{}\n{}"),
            "wrangler.json, line 2: something follows the end of the JSON value");
  EXPECT_EQ(refusal("wrangler.jsonc", "[]"), "wrangler.jsonc: an object is expected");
  EXPECT_EQ(refusal("wrangler.jsonc", R"({"name": 1})"), "wrangler.jsonc: name: must be a string");
  EXPECT_EQ(refusal("wrangler.jsonc", R"({"env": {"p": {"name": []}}})"),
            "wrangler.jsonc: env.p.name: must be a string");
  EXPECT_EQ(refusal("wrangler.jsonc", R"({"env": {"p": 1}})"), "wrangler.jsonc: env.p: must be an object");
  EXPECT_TRUE(refusal("wrangler.toml", "name = \"a\"\nmain = oops\n").starts_with("wrangler.toml, line 2: "));
  EXPECT_EQ(refusal("wrangler.toml", "\nname = 3\n"), "wrangler.toml, line 2: name must be a string");
  EXPECT_EQ(refusal("wrangler.toml", "[env]\np = 3\n"), "wrangler.toml, line 2: env.p must be a table");
}

TEST(WranglerConfigFile, HasRoutesOfItsOwnAndOfItsEnvironments) {
  const auto json = parse_wrangler_config("wrangler.jsonc", R"({
    "route": "a.example/*", // one
    "routes": ["b.example/*", {"pattern": "c.example", "custom_domain": true}, {"pattern": "d.example/*", "zone_name": "d.example"}, 7, {}],
    "env": {"staging": {"route": "s.example/*"}, "none": {"routes": []}, "same": {}}})");
  ASSERT_TRUE(json) << json.error().message;
  const std::vector<WranglerRoute> top = {
      {false, "a.example/*"}, {false, "b.example/*"}, {true, "c.example"}, {false, "d.example/*"}};
  EXPECT_EQ(json->routes_of(""), top);
  EXPECT_EQ(json->routes_of("same"), top) << "inherited";
  EXPECT_EQ(json->routes_of("staging"), (std::vector<WranglerRoute>{{false, "s.example/*"}}));
  EXPECT_TRUE(json->routes_of("none").empty());
  const auto toml =
      parse_wrangler_config("wrangler.toml",
                            "routes = [\"b.example/*\", {pattern = \"c.example\", custom_domain = true}]\n"
                            "[env.staging]\nroute = \"s.example/*\"\n");
  ASSERT_TRUE(toml) << toml.error().message;
  EXPECT_EQ(toml->routes, (std::vector<WranglerRoute>{{false, "b.example/*"}, {true, "c.example"}}));
  EXPECT_EQ(toml->routes_of("staging"), (std::vector<WranglerRoute>{{false, "s.example/*"}}));
}

TEST(WranglerConfigFile, OfAbsurdDepthIsRefused) {
  std::string brackets(100'000, '[');
  EXPECT_NE(refusal("wrangler.json", "{\"a\": " + brackets).find("nested deeper"), std::string::npos);
  EXPECT_NE(refusal("wrangler.toml", "a = " + brackets).find("nested deeper"), std::string::npos);
  std::string dotted = "name = \"x\"\na";
  for (int i = 0; i < 100'000; ++i) dotted += ".a";
  EXPECT_EQ(refusal("wrangler.toml", dotted + " = 1"), "wrangler.toml, line 2: more than 64 dots in keys");
}

TEST(WranglerConfigFile, StringsAndCommentsMayHaveAnyDotsAndBrackets) {
  const std::string noise = std::string(100, '.') + std::string(100, '[');
  const auto config = parse_wrangler_config("wrangler.toml", "# " + noise + "'\nname = \"x\"\na = \"" +
                                                                 noise + "\\\"" + noise + "\"\nb = '''\n'" +
                                                                 noise + "''" + noise + "\n'''\nc = \"\"\"" +
                                                                 noise + "\\\"\"\"" + noise + "\"\"\"\"\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->name, "x");
}

}  // namespace
}  // namespace kiln::project
