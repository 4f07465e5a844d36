#include "model/runtime_date.h"

#include <gtest/gtest.h>

#include "base/time_format.h"

namespace kiln::model {
namespace {

TEST(RuntimeDate, IsWhatWorkerdSaysOfItself) {
  EXPECT_EQ(runtime_date("workerd 2026-11-17"), "2026-11-17");
  EXPECT_EQ(runtime_date("workerd 2026-11-17\n"), "2026-11-17");
  for (const char* line :
       {"", "workerd", "workerd 1.2", "node 2026-11-17", "workerd 2026-13-17", "workerd 2026-11-17x"})
    EXPECT_EQ(runtime_date(line), "") << line;
}

TEST(RuntimeDate, HasDaysAfterIt) {
  EXPECT_EQ(days_after("2026-11-24", 7), "2026-12-01");
  EXPECT_EQ(days_after("2026-11-24", 0), "2026-11-24");
}

TEST(RuntimeDate, HasAnAge) {
  const TimeMs now = *parse_rfc3339("2026-11-29T10:00:00Z");
  EXPECT_EQ(days_since("2026-11-17", now), 12);
  EXPECT_EQ(days_since("2026-11-29", now), 0);
  EXPECT_EQ(days_since("2026-12-01", now), 0);
  EXPECT_EQ(days_since("", now), 0);
}

}  // namespace
}  // namespace kiln::model
