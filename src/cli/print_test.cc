#include "cli/print.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"

namespace kiln::cli {
namespace {

TEST(RelativeTime, GrowsCoarser) {
  const TimeMs now = testing::FakeClock().now();
  EXPECT_EQ(relative_time(now - 2'000, now), "just now");
  EXPECT_EQ(relative_time(now - 59'000, now), "59 s ago");
  EXPECT_EQ(relative_time(now - 3'599'000, now), "59 min ago");
  EXPECT_EQ(relative_time(now - 86'399'000, now), "23 h ago");
  EXPECT_EQ(relative_time(now - 3 * 86'400'000LL, now), "3 days ago");
  EXPECT_EQ(relative_time(now - 30 * 86'400'000LL, now), "2025-12-03");
  EXPECT_EQ(relative_time("nonsense", now), "-");
}

TEST(SafeLine, LetsOnlyColoursReachATerminal) {
  const std::string line =
      "a\x1b[31mred\x1b[0m\x1b]0;title\x07"
      "b\x1b[2Jc\td\r\x08\xc2\x9b"
      "e\x1b";
  EXPECT_EQ(safe_line(line, true), "a\x1b[31mred\x1b[0mbc\tde\x1b[0m");
  EXPECT_EQ(safe_line(line, false), "aredbc\tde");
  EXPECT_EQ(safe_line("a\u202eb\u2028c\u2066d\u061ce\u200ff", true), "abcdef");
  EXPECT_EQ(safe_line("\x1b(Bplain\xff", true), "plain\xef\xbf\xbd");
  EXPECT_EQ(safe_line("\x1b[", true), "");
  EXPECT_EQ(safe_line("\x1b]unfinished", true), "");
}

TEST(Headline, IsOneShortLine) {
  EXPECT_EQ(headline("\n first\nsecond", 50), "first");
  EXPECT_EQ(headline("ääääää", 4), "äää…");
}

TEST(BuildsRow, ShowsTheOutcomeOrElseTheStatus) {
  boost::json::object build{{"build_uuid", "u"}, {"status", "running"}, {"build_outcome", nullptr}};
  EXPECT_EQ(state_of(build).text, "running");
  build["build_outcome"] = "success";
  EXPECT_EQ(state_of(build).colour, Colour::green);
}

TEST(Pretty, IndentsAndEscapes) {
  const boost::json::value value = {{"a", {1, 2}}, {"b", boost::json::object()}, {"c\n", nullptr}};
  EXPECT_EQ(pretty(value), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\\n\": null\n}\n");
}

}  // namespace
}  // namespace kiln::cli
