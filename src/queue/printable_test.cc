#include "queue/printable.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace kiln::queue {
namespace {

const std::string kBad = "\xef\xbf\xbd";

TEST(Printable, LeavesOrdinaryNamesAlone) {
  for (const std::string name : {"", "main", "feature/x y", "caf\xc3\xa9", "\xf0\x9f\x94\xa5", "\xc2\xa0"}) {
    EXPECT_EQ(printable(name), name);
  }
}

TEST(Printable, LetsNoControlCharacterThrough) {
  EXPECT_EQ(printable("a\nb\r\x1b[2J\x7f"), "a" + kBad + "b" + kBad + kBad + "[2J" + kBad);
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            kBad + "2J")
      << "C1 CSI";
  EXPECT_EQ(printable("caf\xe9"), "caf" + kBad);
}

TEST(Printable, CutsLongNamesBetweenCharacters) {
  std::string accents;
  for (int i = 0; i < 300; ++i) accents += "\xc3\xa9";
  for (std::size_t most = 1; most < 12; ++most) {
    const std::string cut = printable(accents, most);
    EXPECT_EQ(cut, to_valid_utf8(cut)) << most;
    EXPECT_LE(cut.size(), most + 3);
  }
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abcdef…");
}

}  // namespace
}  // namespace kiln::queue
