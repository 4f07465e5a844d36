#include "model/path_pattern.h"

#include <gtest/gtest.h>

#include <utility>

namespace kiln::model {
namespace {

TEST(PathPattern, IsCleanedToWhatFilesAreCalled) {
  for (const auto& [given, clean] :
       {std::pair{"./x", "x"}, std::pair{"/apps/web/*", "apps/web/*"}, std::pair{"x/**", "x/*"},
        std::pair{"**", "*"}, std::pair{".//./x", "x"}, std::pair{"*", "*"}, std::pair{"*.md", "*.md"},
        std::pair{".github/*", ".github/*"}}) {
    const auto found = clean_path_pattern(given);
    ASSERT_TRUE(found) << given << ": " << found.error().message;
    EXPECT_EQ(*found, clean) << given;
  }
}

TEST(PathPattern, IsRefusedWhereNoFileCouldMatch) {
  for (const char* bad : {"", "/", "./", "../x", "..", "x/", ".", "a*b", "**/x", "a\nb"}) {
    const auto found = clean_path_pattern(bad);
    ASSERT_FALSE(found) << bad;
    EXPECT_EQ(found.error().code, Errc::invalid);
  }
}

}  // namespace
}  // namespace kiln::model
