#include "forges/redelivery.h"

#include <gtest/gtest.h>

namespace kiln::forges {
namespace {

using Ids = std::vector<std::string>;

TEST(Missed, AreThoseOfWhichNoTryArrived) {
  EXPECT_EQ(
      missed({{"3", "a", "push", 30, true}, {"2", "b", "push", 20, false}, {"1", "a", "push", 10, false}},
             40),
      Ids{"2"});
}

TEST(Missed, EachIsAskedForOnceByItsNewestTry) {
  EXPECT_EQ(missed({{"3", "a", "push", 30, false}, {"2", "a", "push", 20, false}}, 40), Ids{"3"});
}

TEST(Missed, WhatFailsEveryTimeIsLeftAtLast) {
  EXPECT_EQ(missed({{"4", "a", "push", 40, false},
                    {"3", "a", "push", 30, false},
                    {"2", "a", "push", 20, false},
                    {"1", "a", "push", 10, false}},
                   40),
            Ids{});
}

TEST(Missed, AreAskedForInTheOrderInWhichTheyWereSent) {
  EXPECT_EQ(missed({{"2", "b", "push", 20, false}, {"1", "a", "push", 10, false}}, 40), (Ids{"1", "2"}));
}

TEST(Missed, AButtonThatWasPressedLongAgoIsNotPressedAgain) {
  const TimeMs pressed = 1'000;
  EXPECT_EQ(missed({{"1", "a", "check_run", pressed, false}}, pressed + 60'000), Ids{"1"});
  EXPECT_EQ(missed({{"1", "a", "check_run", pressed, false}}, pressed + 11 * 60'000), Ids{});
}

}  // namespace
}  // namespace kiln::forges
