#include "runner/tools/version.h"

#include <gtest/gtest.h>

namespace kiln::runner {
namespace {

const std::vector<Version> kReleased{{18, 20, 4}, {20, 1, 0}, {20, 19, 5}, {22, 11, 0},
                                     {22, 21, 1}, {23, 0, 0}, {24, 1, 0}};

std::string best(std::string_view range) {
  const auto parsed = VersionRange::parse(range);
  if (!parsed) return "not understood";
  const auto found = parsed->best_of(kReleased);
  return found ? found->str() : "none";
}

TEST(VersionRange, TakesWhatVersionFilesSay) {
  EXPECT_EQ(best("22"), "22.21.1");
  EXPECT_EQ(best("v22.11.0"), "22.11.0");
  EXPECT_EQ(best("22.11"), "22.11.0");
  EXPECT_EQ(best("20.x"), "20.19.5");
  EXPECT_EQ(best("node"), "24.1.0");
}

TEST(VersionRange, TakesNpmsRanges) {
  EXPECT_EQ(best(">=20"), "24.1.0");
  EXPECT_EQ(best(">=20 <23"), "22.21.1");
  EXPECT_EQ(best(">= 18.0.0 < 20"), "18.20.4");
  EXPECT_EQ(best("^20.1.0 || ^18"), "20.19.5");
  EXPECT_EQ(best("~22.11"), "22.11.0");
  EXPECT_EQ(best("<=22"), "22.21.1");
  EXPECT_EQ(best("99"), "none");
  EXPECT_EQ(best("18 - 20"), "20.19.5");
  EXPECT_EQ(best("18.0.0 - 20.1 || 23"), "23.0.0");
  EXPECT_EQ(best("^20.0.0-0 || >=22.0.0-alpha.1 <23"), "22.21.1");
}

TEST(VersionRange, RefusesWhatItDoesNotUnderstand) {
  for (const char* text :
       {"", "banana", "lts/*", "1.2.3.4", "22 ; rm -rf /", ">=", "22.*.1", "-1", "22.1.0-rc.1", "a - b"}) {
    EXPECT_EQ(best(text), "not understood") << text;
  }
}

}  // namespace
}  // namespace kiln::runner
