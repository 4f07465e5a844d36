#include "base/zstd.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(Zstd, GivesBackWhatWentIn) {
  ZstdCompressor compressor;
  for (const std::string& text :
       {std::string(), std::string("a"), std::string(1'000'000, 'x'), std::string("\0z", 2)}) {
    EXPECT_EQ(*zstd_expand(compressor.compress(text), 1'000'000), text);
  }
}

TEST(Zstd, RefusesMoreThanIsAllowedAndWhatIsNoWholeFrame) {
  const std::string frame = ZstdCompressor().compress(std::string(1'000, 'x'));
  EXPECT_TRUE(zstd_expand(frame, 1'000));
  EXPECT_FALSE(zstd_expand(frame, 999));
  EXPECT_FALSE(zstd_expand(frame + "x", 1'000));
  EXPECT_FALSE(zstd_expand(frame + frame, 10'000));
  for (std::size_t size = 0; size < frame.size(); ++size) {
    EXPECT_FALSE(zstd_expand(std::string_view(frame).substr(0, size), 1'000)) << size;
  }
  EXPECT_FALSE(zstd_expand("plain text, no frame at all", 1'000));
}

}  // namespace
}  // namespace kiln
