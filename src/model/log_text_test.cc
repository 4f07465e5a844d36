#include "model/log_text.h"

#include <gtest/gtest.h>

namespace kiln::model {
namespace {

std::string frame_of(std::string_view text) {
  return ZstdCompressor().compress(text);
}

TEST(LogText, GivesBackTheLines) {
  const std::vector<LogLine> lines = {{-1, ""},
                                      {9'007'199'254'740'993, "\x1b[1m \"x\" \\ \xC3\xBC"},
                                      {7, " 7 "},
                                      {7, "Success: Build command completed", true},
                                      {8, "", true},
                                      {8, "! Success: Build command completed"},
                                      {7, std::string("a\0b", 3)}};
  const LogChunk chunk = pack(lines);
  EXPECT_EQ(chunk.lines, 7);
  EXPECT_EQ(*check_chunk(chunk.frame), chunk);
  LogText text;
  for (const LogLine& line : lines) text.add(line.time, line.text, line.service);
  EXPECT_EQ(text.unpack(), lines);
  EXPECT_EQ(*expand(chunk.frame), text.text());
}

TEST(LogText, OfNothingIsAChunkToo) {
  EXPECT_EQ(check_chunk(pack({}).frame)->lines, 0);
}

TEST(LogText, MakesOneLineOfEachAndMendsIt) {
  EXPECT_EQ(*expand(pack({{1, "a\nb\n"}, {2, "\xFF"}}).frame), "1 a b \n2 \xEF\xBF\xBD\n");
}

TEST(LogText, RefusesWhatItWouldNotHaveMade) {
  for (const char* text : {"1 cut off", "no time\n", "1\n", "1x\n", " \n", "\n", "1 a\n\n", "1!\n", "1!x\n",
                           "1!! x\n", "! x\n", "99999999999999999999 x\n", "1 bad \xFF\n"}) {
    EXPECT_FALSE(check_chunk(frame_of(text))) << text;
  }
  EXPECT_FALSE(check_chunk("1 a\n"));
  EXPECT_FALSE(check_chunk(frame_of(std::string(kMostChunkText + 1, 'x'))));
}

}  // namespace
}  // namespace kiln::model
