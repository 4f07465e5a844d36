#include "serving/lines.h"

#include <gtest/gtest.h>

#include <vector>

namespace kiln::serving {
namespace {

TEST(Lines, CutsAtLineBreaksAndBreaksUpWhatIsTooLong) {
  Lines lines;
  std::vector<std::string> got;
  const auto keep = [&](std::string_view line) { got.emplace_back(line); };
  lines.feed("one\ntw", keep);
  lines.feed("o\n\nrest", keep);
  EXPECT_EQ(got, (std::vector<std::string>{"one", "two", ""}));
  lines.finish(keep);
  EXPECT_EQ(got.back(), "rest");
  got.clear();
  lines.feed(std::string(Lines::kLongest * 2 + 1, 'x') + "\n", keep);
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0].size(), Lines::kLongest);
  EXPECT_EQ(got[2], "x");
}

}  // namespace
}  // namespace kiln::serving
