#include "base/printable.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/strings.h"

namespace kiln {
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

const std::vector<std::string> kHarmful = {"\x01",   "\x1b",   "\x7f",   "\xc2\x80", "\xc2\x9f",
                                           "\u061c", "\u200e", "\u200f", "\u2028",   "\u2029",
                                           "\u202a", "\u202e", "\u2066", "\u2069"};
const std::vector<std::string> kUnseen = {"\u00ad", "\u034f", "\u115f",     "\u180e",     "\u200b",
                                          "\u2060", "\u2065", "\u206f",     "\u3164",     "\ufeff",
                                          "\uffa0", "\ufff9", "\U0001bca0", "\U0001d17a", "\U000e0061"};
const std::vector<std::string> kHarmless = {"\u00a0", "\u00ae", "\u061b",     "\u200c",    "\u200d",
                                            "\u2010", "\u2027", "\u202f",     "\u2070",    "\u2713",
                                            "\ufe0f", "\ufffd", "\U0001f525", "\U0001d172"};

TEST(Printable, LetsNothingThroughThatTurnsTheWritingOrBreaksTheLine) {
  for (const std::string& harmful : kHarmful) {
    EXPECT_EQ(printable("a" + harmful + "b"), "a" + kBad + "b") << harmful_length(harmful);
    EXPECT_EQ(harmful_length(harmful + "b"), harmful.size());
  }
  for (const std::string& unseen : kUnseen) {
    EXPECT_EQ(printable("a" + unseen + "b"), "ab") << unseen.size();
    EXPECT_EQ(unseen_length(unseen + "b"), unseen.size());
    EXPECT_TRUE(begins_hidden(unseen.substr(0, 1)) && !begins_hidden(unseen));
  }
  for (const std::string& harmless : kHarmless) {
    EXPECT_EQ(printable(harmless), harmless);
    EXPECT_EQ(harmful_length(harmless) + unseen_length(harmless), 0U) << harmless;
  }
}

TEST(Printable, TakesNoLongerFormForTheCharacterThatItWouldBe) {
  EXPECT_EQ(harmful_length("\xe0\x80\x97"), 0U);
  EXPECT_EQ(unseen_length("\xf0\x82\x82\xad"), 0U);
  EXPECT_FALSE(begins_hidden("\xe0"));
}

TEST(PrintableLines, KeepsLinesAndTabsAlone) {
  EXPECT_EQ(printable_lines("one\r\ntwo\n\tthree\r", 100), "one\ntwo\n\tthree" + kBad);
  for (const std::string& harmful : kHarmful)
    EXPECT_EQ(printable_lines("a\n" + harmful + "b", 100), "a\n" + kBad + "b");
  EXPECT_EQ(printable_lines("a\xff", 100), "a" + kBad);
  EXPECT_EQ(printable_lines("caf\xc3\xa9", 4).substr(0, 3), "caf");
  EXPECT_LE(printable_lines(std::string(50, '\x01'), 50).size(), 50U);
}

TEST(PrintableJson, IsTheSameValueWithoutAHarmfulCharacter) {
  EXPECT_EQ(printable_json("{\n\t\"a\": \"\x7f\xc2\x9b\u061c\u202e\u2028 \u2713\ufeff\U000e0061\"}\n"),
            "{\n\t\"a\": \"\\u007f\\u009b\\u061c\\u202e\\u2028 \u2713\\ufeff\\udb40\\udc61\"}\n");
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
}  // namespace kiln
