#include "project/workspaces.h"

#include <gtest/gtest.h>

namespace kiln::project {
namespace {

TEST(Workspaces, PatternsAreAListOrStandBelowPackages) {
  EXPECT_EQ(workspace_patterns(R"({"workspaces": ["apps/*", "lib"]})"),
            (std::vector<std::string>{"apps/*", "lib"}));
  EXPECT_EQ(workspace_patterns(R"({"workspaces": {"packages": ["a"]}})"), std::vector<std::string>{"a"});
  EXPECT_TRUE(workspace_patterns(R"({"name": "x"})").empty());
  EXPECT_TRUE(workspace_patterns("{").empty());
}

TEST(Workspaces, AStarIsOneFolderAndTwoAreAny) {
  EXPECT_TRUE(is_workspace_member({"apps/*"}, "apps/web"));
  EXPECT_FALSE(is_workspace_member({"apps/*"}, "apps/web/deep"));
  EXPECT_TRUE(is_workspace_member({"./apps/**/"}, "apps/web/deep"));
  EXPECT_TRUE(is_workspace_member({"app-*"}, "app-web"));
  EXPECT_FALSE(is_workspace_member({"app-*"}, "lib"));
  EXPECT_TRUE(is_workspace_member({"lib"}, "lib"));
}

TEST(Workspaces, APatternWithAMarkTakesOut) {
  EXPECT_FALSE(is_workspace_member({"apps/*", "!apps/old"}, "apps/old"));
  EXPECT_TRUE(is_workspace_member({"apps/*", "!apps/old"}, "apps/new"));
}

TEST(Workspaces, HostilePatternsEndSoon) {
  std::string stars;
  for (int i = 0; i < 32; ++i) stars += "**/";
  EXPECT_TRUE(is_workspace_member({stars}, "a/b/c/d/e/f/g/h"));
  EXPECT_FALSE(is_workspace_member({std::string(5'000, '*') + "x"}, std::string(5'000, 'a')));
}

}  // namespace
}  // namespace kiln::project
