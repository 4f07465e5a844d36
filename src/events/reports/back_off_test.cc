#include "events/reports/back_off.h"

#include <gtest/gtest.h>

namespace kiln::events {
namespace {

TEST(BackOff, HostsThatDoNotAnswerAreAskedLessAndLess) {
  const Error down{Errc::unavailable, "down", {}};
  EXPECT_EQ(next_try(down, {}, 0).wait_ms, 1'000);
  EXPECT_EQ(next_try(down, {3}, 0).wait_ms, 8'000);
  EXPECT_EQ(next_try(down, {100}, 0).wait_ms, 300'000);
  EXPECT_EQ(next_try(down, {}, 1).wait_ms, 1'500);
  EXPECT_EQ(next_try(down, {}, 0).whose, NextTry::Whose::host);
}

TEST(BackOff, HostsThatLimitAreLeftAloneForAsLongAsTheySayOrLonger) {
  EXPECT_EQ(next_try({Errc::rate_limited, "429", "7200"}, {9, 0, 9}, 1).wait_ms, 7'200'000);
  EXPECT_EQ(next_try({Errc::rate_limited, "429", ""}, {9, 0, 0}, 0).wait_ms, 60'000);
  EXPECT_EQ(next_try({Errc::rate_limited, "429", ""}, {9, 0, 3}, 0).wait_ms, 480'000);
  EXPECT_EQ(next_try({Errc::rate_limited, "429", ""}, {9, 0, 30}, 0).wait_ms, 3'600'000);
  EXPECT_EQ(next_try({Errc::rate_limited, "429", ""}, {}, 0).whose, NextTry::Whose::limited);
}

TEST(BackOff, WhatIsRefusedByItsFormIsNotRepeated) {
  EXPECT_EQ(next_try({Errc::invalid, "422", {}}, {}, 0).whose, NextTry::Whose::nobody);
  EXPECT_EQ(next_try({Errc::forbidden, "403", {}}, {}, 0).whose, NextTry::Whose::nobody);
}

TEST(BackOff, WhatMayBeThereInAMomentIsAskedForFiveTimesInARow) {
  const Error absent{Errc::not_found, "404", {}};
  EXPECT_EQ(next_try(absent, {}, 0).whose, NextTry::Whose::refused);
  EXPECT_EQ(next_try(absent, {4, 4}, 0).whose, NextTry::Whose::nobody);
  EXPECT_EQ(next_try(absent, {40, 3}, 0).whose, NextTry::Whose::refused) << "an outage is no refusal";
  EXPECT_EQ(next_try(absent, {40, 0}, 0).wait_ms, 1'000);
}

}  // namespace
}  // namespace kiln::events
