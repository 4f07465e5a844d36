#include "model/root_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::model {
namespace {

TEST(RootDirectory, IsCleanedAndKeptInside) {
  for (const char* top : {"/", "", ".", "//", "/./"}) EXPECT_EQ(clean_root_directory(top).value(), "") << top;
  EXPECT_EQ(clean_root_directory("/apps//web/").value(), "apps/web");
  EXPECT_EQ(clean_root_directory("./apps/./web").value(), "apps/web");
  for (const char* odd : {"a..b", "...", ".github/site", "my.git", "-a", "a b", "a\\b"})
    EXPECT_EQ(clean_root_directory(odd).value(), odd);
}

TEST(RootDirectory, RefusesWhatNoCommitCanHave) {
  const std::string long_name(256, 'a');
  for (const std::string& bad :
       {std::string(".."), std::string("a/../b"), std::string("/.."), std::string(".git"),
        std::string(".git/hooks"), std::string("a/.git/b"), std::string("a/.GIT"), std::string("a\nb"),
        std::string("a\x7f"), std::string("a\0b", 3), "a/" + long_name}) {
    const auto refused = clean_root_directory(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Errc::invalid);
    EXPECT_EQ(refused.error().field, "root_directory");
    EXPECT_THAT(refused.error().message, ::testing::StartsWith("must "));
  }
}

}  // namespace
}  // namespace kiln::model
