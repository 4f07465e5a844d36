#include "watch/timing.h"

#include <gtest/gtest.h>

namespace kiln::watch {
namespace {

constexpr double kMiddle = 0.5;

TEST(WatchTiming, DoublesWithEachFailureUpToAnHour) {
  EXPECT_EQ(pause_after(60'000, 0, kMiddle), 60'000);
  EXPECT_EQ(pause_after(60'000, 1, kMiddle), 120'000);
  EXPECT_EQ(pause_after(60'000, 3, kMiddle), 480'000);
  EXPECT_EQ(pause_after(60'000, 1'000'000, kMiddle), kLongestBackOff);
  EXPECT_EQ(pause_after(2 * kLongestBackOff, 5, kMiddle), 2 * kLongestBackOff);
}

TEST(WatchTiming, SpreadsByATenth) {
  EXPECT_EQ(pause_after(60'000, 0, 0), 54'000);
  EXPECT_EQ(pause_after(60'000, 0, 1), 66'000);
}

TEST(WatchTiming, PollsAtTheRepositorysOwnInterval) {
  store::Watched watched;
  EXPECT_EQ(interval_of(watched, 300'000), 300'000);
  EXPECT_EQ(interval_of(watched, 0), 0);
  watched.poll_seconds = 15;
  EXPECT_EQ(interval_of(watched, 0), 15'000);
}

TEST(HeadNewsOf, AreNewMovedAndGoneBranchesInOrder) {
  const store::Heads seen = {{"a", "1"}, {"b", "1"}, {"gone", "1"}};
  const store::Heads now = {{"a", "1"}, {"b", "2"}, {"new", "3"}};
  EXPECT_EQ(news_between(seen, now),
            (std::vector<HeadNews>{{"b", "1", "2"}, {"gone", "1", ""}, {"new", "", "3"}}));
}

TEST(HeadNewsOf, BelieveNoHostThatNamesNothingAtAll) {
  EXPECT_TRUE(news_between({{"a", "1"}}, {}).empty());
}

}  // namespace
}  // namespace kiln::watch
