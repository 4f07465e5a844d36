#include "base/sizes.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(Sizes, AreReadWithTheirUnits) {
  EXPECT_EQ(parse_size("8GiB").value(), 8ULL << 30U);
  EXPECT_EQ(parse_size(" 512 mib ").value(), 512ULL << 20U);
  EXPECT_EQ(parse_size("20GB").value(), 20'000'000'000ULL);
  EXPECT_EQ(parse_size("4096").value(), 4096U);
}

TEST(Sizes, RefuseWhatIsNoSize) {
  for (const char* text :
       {"", "GiB", "-1GiB", "1.5GiB", "8 apples", "9999999999TiB", "99999999999999999999"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Sizes, AreWrittenShort) {
  EXPECT_EQ(size_words(0), "0 B");
  EXPECT_EQ(size_words(8ULL << 30U), "8 GiB");
  EXPECT_EQ(size_words((3ULL << 20U) / 2), "1.5 MiB");
  EXPECT_EQ(size_words((312ULL << 20U) + 900'000), "312 MiB");
  EXPECT_EQ(size_words(1023), "1023 B");
}

}  // namespace
}  // namespace kiln
