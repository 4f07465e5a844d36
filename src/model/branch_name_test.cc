#include "model/branch_name.h"

#include <gtest/gtest.h>

#include <string>

namespace kiln::model {
namespace {

TEST(BranchName, FollowsGitsRules) {
  for (const char* name : {"main", "feature/x", "a.b", "v1@2", "käse", "quote\"'$(x)", "x-"}) {
    EXPECT_TRUE(check_branch_name(name)) << name;
  }
  for (const char* name : {"",         "a..b", "a b", "a~1",  "a^",    "a:b",   "a?",      "a*",
                           "a[",       "a\\b", "/a",  "a/",   "a//b",  ".a",    "a/.b",    "a.lock",
                           "a.lock/b", "a.",   "@",   "HEAD", "a@{1}", "a\x7f", "../main", "a\nb"}) {
    const Status fits = check_branch_name(name);
    ASSERT_FALSE(fits) << name;
    EXPECT_EQ(fits.error().field, "branch");
  }
}

TEST(BranchName, LooksLikeNoOther) {
  for (const char* name :
       {"\u3164", "\u200d", "ma\u00adin", "main\ufe0f", "ma\u200din", "ma\U000e0061in", "ma\u2060in"})
    EXPECT_FALSE(check_branch_name(name)) << name;
  for (const char* name :
       {"\u2764\ufe0f", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f468\u200d\U0001f469"})
    EXPECT_TRUE(check_branch_name(name)) << name;
}

TEST(BranchName, IsNeverAnOptionNorControlBytesNorEndless) {
  for (const std::string& name : {std::string("-x"), std::string("--upload-pack=id"), std::string("a\xffz"),
                                  std::string("a\xc2\x9bz"), std::string(257, 'a'), std::string(5000, 'a')}) {
    EXPECT_FALSE(check_branch_name(name)) << name;
  }
  EXPECT_TRUE(check_branch_name(std::string(256, 'a')));
}

}  // namespace
}  // namespace kiln::model
