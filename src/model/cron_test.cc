#include "model/cron.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/time_format.h"

namespace kiln::model {
namespace {

// The next times after `from`, "2026-11-29T06:00 …".
std::string runs(const std::string& text, const std::string& from, int count = 3) {
  const Result<Cron> cron = Cron::parse(text);
  if (!cron) return "refused: " + cron.error().message;
  TimeMs time = parse_rfc3339(from + ":00.000Z").value();
  std::string out;
  for (int i = 0; i < count; ++i) {
    time = cron->next_after(time);
    out += (out.empty() ? "" : " ") + format_rfc3339(time).substr(0, 16);
  }
  return out;
}

TEST(Cron, RunsAtItsMinutes) {
  EXPECT_EQ(runs("* * * * *", "2026-11-29T06:59"), "2026-11-29T07:00 2026-11-29T07:01 2026-11-29T07:02");
  EXPECT_EQ(runs("*/30 * * * *", "2026-11-29T06:59"), "2026-11-29T07:00 2026-11-29T07:30 2026-11-29T08:00");
  EXPECT_EQ(runs("45 * * * *", "2026-12-31T23:45", 1), "2027-01-01T00:45");
  EXPECT_EQ(runs("10-50/20,5 9 * * *", "2026-11-29T09:00", 4),
            "2026-11-29T09:05 2026-11-29T09:10 2026-11-29T09:30 2026-11-29T09:50");
  EXPECT_EQ(runs("7/20 0 * * *", "2026-11-29T00:00", 3),
            "2026-11-29T00:07 2026-11-29T00:27 2026-11-29T00:47");
  EXPECT_EQ(runs("58-1 0 * * *", "2026-11-29T00:00", 3),
            "2026-11-29T00:01 2026-11-29T00:58 2026-11-29T00:59");
  EXPECT_EQ(runs("  0\t12  * * * ", "2026-11-29T12:00", 1), "2026-11-30T12:00") << "after, not at";
}

TEST(Cron, RunsOnItsDays) {
  EXPECT_EQ(runs("0 17 * * sun", "2026-11-29T17:00", 2), "2026-12-06T17:00 2026-12-13T17:00");
  EXPECT_EQ(runs("0 0 * * 1", "2026-11-28T12:00", 1), "2026-11-29T00:00") << "1 is Sunday";
  EXPECT_EQ(runs("10 7 * * mon-fri", "2026-11-27T08:00", 1), "2026-11-30T07:10");
  EXPECT_EQ(runs("0 0 * * FRI-MON", "2026-11-30T00:00", 2), "2026-12-04T00:00 2026-12-05T00:00");
  EXPECT_EQ(runs("0 15 1 * *", "2026-11-29T00:00", 2), "2026-12-01T15:00 2027-01-01T15:00");
  EXPECT_EQ(runs("0 0 1 feb,Nov *", "2026-11-29T00:00", 2), "2027-02-01T00:00 2027-11-01T00:00");
  EXPECT_EQ(runs("0 0 13 * FRI", "2026-11-10T00:00", 3), "2026-11-13T00:00 2026-11-20T00:00 2026-11-27T00:00")
      << "either day is enough";
  EXPECT_EQ(runs("0 0 1 1 2", "2026-12-30T00:00", 2), "2027-01-01T00:00 2027-01-04T00:00");
  EXPECT_EQ(runs("0 0 29 2 *", "2026-11-29T00:00", 2), "2028-02-29T00:00 2032-02-29T00:00");
  EXPECT_EQ(runs("0 0 29 2 *", "2096-03-01T00:00", 1), "2104-02-29T00:00");
}

TEST(Cron, CountsFromTheEndOfAMonth) {
  EXPECT_EQ(runs("59 23 L * *", "2026-11-29T00:00", 4),
            "2026-11-30T23:59 2026-12-31T23:59 2027-01-31T23:59 2027-02-28T23:59");
  EXPECT_EQ(runs("0 0 L-2 * *", "2027-02-01T00:00", 1), "2027-02-26T00:00");
  EXPECT_EQ(runs("59 23 LW * *", "2026-10-01T00:00", 3),
            "2026-10-30T23:59 2026-11-30T23:59 2026-12-31T23:59");
  EXPECT_EQ(runs("0 18 * * 6L", "2026-11-01T00:00", 2), "2026-11-27T18:00 2026-12-25T18:00");
  EXPECT_EQ(runs("0 18 * * friL", "2026-11-01T00:00", 1), "2026-11-27T18:00");
  EXPECT_EQ(runs("0 0 * * L", "2026-11-29T00:00", 1), "2026-12-05T00:00");
  EXPECT_EQ(runs("0 0 * * MON#2", "2026-11-01T00:00", 2), "2026-11-09T00:00 2026-12-14T00:00");
  EXPECT_EQ(runs("0 0 * * 1#5", "2026-11-01T00:00", 1), "2026-11-29T00:00");
}

TEST(Cron, FindsTheNearestWeekdayWithinTheMonth) {
  EXPECT_EQ(runs("0 0 15W * *", "2026-08-01T00:00", 3), "2026-08-14T00:00 2026-09-15T00:00 2026-10-15T00:00")
      << "15 August is a Saturday";
  EXPECT_EQ(runs("0 0 15W * *", "2026-11-01T00:00", 1), "2026-11-16T00:00") << "15 November is a Sunday";
  EXPECT_EQ(runs("0 0 1W * *", "2026-08-01T00:00", 1), "2026-08-03T00:00") << "1 August is a Saturday";
  EXPECT_EQ(runs("0 0 31W * *", "2026-05-01T00:00", 1), "2026-05-29T00:00") << "31 May is a Sunday";
}

TEST(Cron, IsRefusedWhereItIsWrong) {
  for (const char* bad : {"",
                          "* * * *",
                          "* * * * * *",
                          "60 * * * *",
                          "* 24 * * *",
                          "* * 0 * *",
                          "* * 32 * *",
                          "* * * 13 *",
                          "* * * 0 *",
                          "* * * * 0",
                          "* * * * 8",
                          "*/0 * * * *",
                          "*/60 * * * *",
                          "a * * * *",
                          "1- * * * *",
                          "-1 * * * *",
                          "1,,2 * * * *",
                          "1, * * * *",
                          "* * L,1 * *",
                          "* * L-31 * *",
                          "* * L-0 * *",
                          "* * 1WW * *",
                          "* * W * *",
                          "* * 1-5W * *",
                          "* * * * FRI#6",
                          "* * * * FRI#0",
                          "* * * * #1",
                          "* * * * MON-FRI#2",
                          "* * * FOO *",
                          "* * * * MONDAY",
                          "JAN * * * *",
                          "0 0 30 2 *",
                          "0 0 31 4,6 *",
                          "? * * * *",
                          "1.5 * * * *",
                          "@daily",
                          "* * * * *\n",
                          "00001 * * * *",
                          "1/ * * * *",
                          "1//2 * * * *"}) {
    EXPECT_EQ(runs(bad, "2026-11-29T00:00").substr(0, 8), "refused:") << bad;
  }
  EXPECT_EQ(
      runs("0 24 * * *", "2026-11-29T00:00"),
      "refused: \"24\" is no hour: it may be *, 0 to 23, a range, a list, or one with a step such as */5");
}

}  // namespace
}  // namespace kiln::model
