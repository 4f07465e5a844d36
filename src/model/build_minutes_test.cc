#include "model/build_minutes.h"

#include <gmock/gmock.h>

#include "base/time_format.h"

namespace kiln::model {
namespace {

using ::testing::HasSubstr;

TimeMs at(const char* text) {
  return *parse_rfc3339(text);
}

TEST(BuildMinutes, AMonthBeginsAtItsFirstMidnightOfUtcAndEndsAtTheNext) {
  const Month november = month_of(at("2026-11-25T07:39:48.123Z"));
  EXPECT_EQ(november.begin, at("2026-11-01T00:00:00Z"));
  EXPECT_EQ(november.end, at("2026-12-01T00:00:00Z"));
  EXPECT_EQ(month_of(november.end - 1).begin, november.begin);
  EXPECT_EQ(month_of(november.end).begin, november.end);
}

TEST(BuildMinutes, DecemberIsFollowedByJanuaryOfTheNextYear) {
  EXPECT_EQ(month_of(at("2026-12-31T23:59:59.999Z")).end, at("2027-01-01T00:00:00Z"));
}

TEST(BuildMinutes, AQuotaIsReachedByItsLastMillisecond) {
  BuildMinutes minutes{2, 119'999, month_of(0)};
  EXPECT_FALSE(minutes.is_reached());
  EXPECT_EQ(minutes.used(), 2) << "a minute that has begun counts";
  minutes.used_ms = 120'000;
  EXPECT_TRUE(minutes.is_reached());
}

TEST(BuildMinutes, NoQuotaIsNeverReachedAndNoneAtAllAlwaysIs) {
  EXPECT_FALSE((BuildMinutes{std::nullopt, 1'000'000'000'000, month_of(0)}.is_reached()));
  EXPECT_TRUE((BuildMinutes{0, 0, month_of(0)}.is_reached()));
}

TEST(BuildMinutes, TheWordsSayHowMuchUntilWhenAndWhatLiftsIt) {
  const std::string words = words_for_reached({3000, 3000 * 60'000, month_of(at("2026-11-25T07:00:00Z"))});
  EXPECT_THAT(words, HasSubstr("3000 of its 3000 build minutes"));
  EXPECT_THAT(words, HasSubstr("2026-12-01 (UTC)"));
  EXPECT_THAT(words, HasSubstr("kiln account limit"));
}

}  // namespace
}  // namespace kiln::model
