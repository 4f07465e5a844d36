#include "runner/log/line_splitter.h"

#include <gtest/gtest.h>

namespace kiln::runner {
namespace {

std::vector<std::string> texts(const model::LogText& lines) {
  std::vector<std::string> out;
  for (const model::LogLine& line : lines.unpack()) out.push_back(line.text);
  return out;
}

std::vector<std::string> split_all(const std::vector<std::string>& writes) {
  LineSplitter splitter;
  model::LogText lines;
  for (const std::string& bytes : writes) splitter.write(bytes, 1, lines);
  splitter.flush(true, lines);
  return texts(lines);
}

using Texts = std::vector<std::string>;

TEST(LineSplitter, CutsAtLineFeedsAndCrLf) {
  EXPECT_EQ(split_all({"a\nb\r\n\nc"}), (Texts{"a", "b", "", "c"}));
  EXPECT_EQ(split_all({"a\r", "\nb"}), (Texts{"a", "b"}));
}

TEST(LineSplitter, KeepsTheLastStateOfAProgressLine) {
  EXPECT_EQ(split_all({"10%\r50%\r", "100%\ndone\r\n"}), (Texts{"100%", "done"}));
  EXPECT_EQ(split_all({"10%\r"}), (Texts{"10%"}));
}

TEST(LineSplitter, KeepsColoursAndRepairsUtf8) {
  EXPECT_EQ(split_all({"\x1b[31mred\x1b[0m\n"}), (Texts{"\x1b[31mred\x1b[0m"}));
  EXPECT_EQ(split_all({"a\xFFz\n"}), (Texts{"a\xEF\xBF\xBDz"}));
  EXPECT_EQ(split_all({std::string("a\0z\n", 4)}), (Texts{"a\xEF\xBF\xBDz"}));
  EXPECT_EQ(split_all({"\xC3", "\xBC\n"}), (Texts{"\xC3\xBC"}));
}

TEST(LineSplitter, CutsLongLinesWithoutLosingAByte) {
  const std::string text(3 * kLongestLine + 5, 'x');
  const Texts lines = split_all({text + "\n"});
  ASSERT_EQ(lines.size(), 4U);
  std::string joined;
  for (const std::string& line : lines) {
    EXPECT_LE(line.size(), kLongestLine);
    joined += line;
  }
  EXPECT_EQ(joined, text);
  EXPECT_EQ(split_all({std::string(kLongestLine, 'y') + "\nz\n"}).size(), 2U);
}

TEST(LineSplitter, NeverHalvesACharacterWhenItCuts) {
  std::string text;
  while (text.size() < 2 * kLongestLine) text += "a\xE2\x82\xAC";
  std::string joined;
  for (const std::string& line : split_all({text})) joined += line;
  EXPECT_EQ(joined, text);
}

TEST(LineSplitter, NeverPartsAColourSequenceWhenItCuts) {
  for (std::size_t before = kLongestLine - 8; before <= kLongestLine; ++before) {
    const Texts lines = split_all({std::string(before, 'x') + "\x1b[1;31mred\n"});
    for (const std::string& line : lines) {
      EXPECT_LE(line.size(), kLongestLine);
      EXPECT_EQ(line.find('\x1b') == line.npos, line.find('m') == line.npos) << before;
    }
  }
}

TEST(LineSplitter, AFlushedBeginningIsNotFollowedByAnEmptyLine) {
  LineSplitter splitter;
  model::LogText lines;
  splitter.write("name? ", 5, lines);
  EXPECT_EQ(splitter.unfinished_since(), 5);
  splitter.flush(false, lines);
  EXPECT_EQ(splitter.unfinished_since(), std::nullopt);
  splitter.write("\nnext\n", 9, lines);
  EXPECT_EQ(texts(lines), (Texts{"name? ", "next"}));
}

TEST(LineSplitter, ALineBearsTheTimeOfItsFirstByte) {
  LineSplitter splitter;
  model::LogText lines;
  splitter.write("a", 1, lines);
  splitter.write("b\nc\n", 2, lines);
  EXPECT_EQ(lines.text(), "1 ab\n2 c\n");
}

}  // namespace
}  // namespace kiln::runner
