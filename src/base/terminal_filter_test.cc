#include "base/terminal_filter.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/strings.h"

namespace kiln {
namespace {

std::string pass(std::string_view text) {
  return filtered(text, true);
}

TEST(TerminalFilter, KeepsTextLinesAndColours) {
  for (const std::string text :
       {"", "plain\ttext\r\n", "\x1b[31mred\x1b[0m", "\x1b[m\x1b[1;38;5;9m", "\x1b[38:2::1:2:3mx",
        "caf\xc3\xa9 \u2713 \U0001f525 \u201cquoted\u201d \u00a0"}) {
    EXPECT_EQ(pass(text), text);
  }
}

TEST(TerminalFilter, LeavesOutEveryOtherSequence) {
  const std::vector<std::string> sequences = {"\x1b[2J",
                                              "\x1b[?25l",
                                              "\x1b[1;1H",
                                              "\x1b[>4m",
                                              "\x1b[6n",
                                              "\x1b[3 q",
                                              "\x1b(B",
                                              "\x1b#8",
                                              "\x1b%G",
                                              "\x1b"
                                              "c",
                                              "\x1b"
                                              "7",
                                              "\x1b=",
                                              "\x1b]0;title\x07",
                                              "\x1b]52;c;aGk=\x1b\\",
                                              "\x1b]8;;http://x/\x1b\\",
                                              "\x1bPq#0\x1b\\",
                                              "\x1b_G\x1b\\",
                                              "\x1b^pm\x1b\\",
                                              "\x1bXsos\x1b\\",
                                              "\x1b]half\x1b[2J",
                                              "\x1b]cancelled\x18",
                                              "\x1b[" + std::string(100, '1') + "m"};
  for (const std::string& sequence : sequences)
    EXPECT_EQ(pass("a" + sequence + "b"), "ab") << sequence.substr(1);
  EXPECT_EQ(pass("\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\"), "link");
}

TEST(TerminalFilter, ASequenceThatIsBrokenOffTakesNoTextWithIt) {
  EXPECT_EQ(pass("\x1b[31\nb"), "\nb");
  EXPECT_EQ(pass("\x1b]0;never ends\nb"), "\nb");
  EXPECT_EQ(pass("\x1b\nb"), "\nb");
  EXPECT_EQ(pass("\x1b[1\xc3\xa9"), "\xc3\xa9");
  EXPECT_EQ(pass("\x1b[1\x1b[31mred"), "\x1b[31mred");
  EXPECT_EQ(pass("\x1b\x1b[31mred"), "\x1b[31mred");
  EXPECT_EQ(pass("end\x1b"), "end");
  EXPECT_EQ(pass("end\x1b[3"), "end");
}

TEST(TerminalFilter, LeavesOutHarmfulCharactersAndMakesNoneByLeavingOut) {
  EXPECT_EQ(pass(std::string("s\0e\bc\x7fr\u202e\u2028e\u200b\ufefft\xc2\x9b", 23)), "secret");
  for (const std::string text :
       {"\xc2\x1b[2J\x9b"
        "2J",
        "\xe2\x80\x01\xae", "\xe2\x01\x80\xae", "\xd8\x02\x9c", "\xc2\xc2\x9b\x9b"}) {
    const std::string out = pass(text);
    EXPECT_EQ(pass(out), out) << text;
  }
  EXPECT_EQ(pass("a\xc2"), "a\xef\xbf\xbd");
}

TEST(TerminalFilter, WhereverTheStreamIsCut) {
  const std::string stream =
      "a\x1b[31mred\x1b[0m\x1b]0;t\x1b\\b\xe2\x80\xaf\xe2\x80\xae\x1b[2Jc\x1b(B\xc2\x85 \xe2\x9c\x93\n\x1b[3";
  const std::string whole = pass(stream);
  EXPECT_EQ(whole, "a\x1b[31mred\x1b[0mb\u202fc \xe2\x9c\x93\n");
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      TerminalFilter filter;
      std::string out;
      filter.write(std::string_view(stream).substr(0, first), out);
      filter.write(std::string_view(stream).substr(first, second - first), out);
      filter.write(std::string_view(stream).substr(second), out);
      filter.finish(out);
      ASSERT_EQ(out, whole) << first << " " << second;
    }
  }
}

TEST(TerminalFilter, CanLeaveOutColoursToo) {
  EXPECT_EQ(filtered("a\x1b[31mred\x1b[0m m\x1b[m", false), "ared m");
}

}  // namespace
}  // namespace kiln
