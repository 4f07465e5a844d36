#include "serving/printed.h"

#include <gtest/gtest.h>

namespace kiln::serving {
namespace {

TEST(PrintedTest, ALineOfAScriptHasItsLevelAndTime) {
  const auto line = read_printed(R"({"timestamp":1795537970750,"level":"warn","message":"a\nb"})", 7);
  EXPECT_EQ(line.time, 1795537970750);
  EXPECT_EQ(line.level, "warn");
  EXPECT_EQ(line.text, "a\nb");
  EXPECT_FALSE(line.is_exception);
}

TEST(PrintedTest, AnUncaughtExceptionIsToldFromAScriptThatPrintsItsWords) {
  const auto thrown = read_printed(
      R"({"timestamp":"12","level":"error","source":"x.rs:3","message":"Uncaught exception: v.h:1: failed: remote.jsg.TypeError: no: way"})",
      7);
  EXPECT_TRUE(thrown.is_exception);
  EXPECT_EQ(thrown.name, "TypeError");
  EXPECT_EQ(thrown.text, "no: way");
  EXPECT_EQ(thrown.time, 12);
  EXPECT_FALSE(
      read_printed(R"({"timestamp":1,"level":"error","message":"Uncaught exception: jsg.Error: x"})", 7)
          .is_exception);
}

TEST(PrintedTest, AnythingElseIsKeptAsItIs) {
  for (const char* text : {"plain", "{\"level\":", "{}", "[1]", "{\"level\":1,\"message\":\"x\"}"}) {
    const auto line = read_printed(text, 7);
    EXPECT_EQ(line.text, text);
    EXPECT_EQ(line.level, "log");
    EXPECT_EQ(line.time, 7);
  }
}

}  // namespace
}  // namespace kiln::serving
