#include "base/log.h"

#include <gtest/gtest.h>

#include <string_view>

namespace kiln::log {
namespace {

TEST(QuotedValue, EndsWhereItEndsAndBeginsNoKey) {
  EXPECT_EQ(quoted("plain"), R"("plain")");
  EXPECT_EQ(quoted(""), R"("")");
  EXPECT_EQ(quoted("a b=c"), R"("a b=c")");
  EXPECT_EQ(quoted(R"(x" outcome="success)"), R"("x\" outcome=\"success")");
  EXPECT_EQ(quoted("a\\"), R"("a\\")");
  EXPECT_EQ(quoted("one\ntwo\r\tthree"), R"("one\ntwo\r\tthree")");
  EXPECT_EQ(quoted(std::string_view("\x1b[2J\0\x7f", 6)), R"("\u001b[2J\u0000\u007f")");
  EXPECT_EQ(quoted("größer"), "\"größer\"");
}

TEST(LogLine, IsOneLineWhateverIsInIt) {
  ::testing::internal::CaptureStderr();
  start("kiln-test", Level::info);
  write(Level::info, "refused: one\n2030-01-01T00:00:00.000Z error kiln: forged");
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("info kiln-test: refused: one\\n2030-01-01"), std::string::npos) << said;
  EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
}

}  // namespace
}  // namespace kiln::log
