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

TEST(BranchName, IsNeverAnOptionNorControlBytesNorEndless) {
  for (const std::string& name : {std::string("-x"), std::string("--upload-pack=id"), std::string("a\xffz"),
                                  std::string("a\xc2\x9bz"), std::string(257, 'a'), std::string(5000, 'a')}) {
    EXPECT_FALSE(check_branch_name(name)) << name;
  }
  EXPECT_TRUE(check_branch_name(std::string(256, 'a')));
}

}  // namespace
}  // namespace kiln::model
