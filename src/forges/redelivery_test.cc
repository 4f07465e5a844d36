#include "forges/redelivery.h"

#include <gtest/gtest.h>

namespace kiln::forges {
namespace {

using Ids = std::vector<std::string>;

constexpr TimeMs kMinute = 60'000;

TEST(Missed, AreThoseOfWhichNoTryArrived) {
  const Missed found = missed(
      {{"3", "a", "push", 30, true}, {"2", "b", "push", 20, false}, {"1", "a", "push", 10, false}}, 40);
  EXPECT_EQ(found.ids, Ids{"2"});
  EXPECT_EQ(found.settled_until, 20);
}

TEST(Missed, AreAskedForLessAndLessForAsLongAsTheyAreKept) {
  std::vector<scm::KeptDelivery> tries{{"1", "a", "push", 0, false}};
  EXPECT_EQ(missed(tries, 1).ids, Ids{"1"}) << "the first time at once";
  int asked = 0;
  for (TimeMs now = kMinute; now < 3 * 24 * 60 * kMinute; now += kMinute) {
    const Missed found = missed(tries, now);
    EXPECT_EQ(found.settled_until, 0);
    if (found.ids.empty()) continue;
    EXPECT_EQ(found.ids, Ids{tries.front().id}) << "by its newest try";
    tries.insert(tries.begin(), {std::to_string(++asked + 1), "a", "push", now, false});
  }
  EXPECT_GE(asked, 10) << "over three days";
  EXPECT_LE(asked, 20);
}

TEST(Missed, AreAskedForInTheOrderInWhichTheyWereSent) {
  EXPECT_EQ(missed({{"2", "b", "push", 20, false}, {"1", "a", "push", 10, false}}, 40).ids, (Ids{"1", "2"}));
}

TEST(Missed, AreNoneOnceAllHaveArrived) {
  const Missed found = missed({{"2", "a", "push", 20, true}, {"1", "a", "push", 10, false}}, 40);
  EXPECT_TRUE(found.ids.empty());
  EXPECT_EQ(found.settled_until, 20);
}

TEST(Missed, AButtonThatWasPressedLongAgoIsNotPressedAgain) {
  const TimeMs pressed = 1'000;
  EXPECT_EQ(missed({{"1", "a", "check_run", pressed, false}}, pressed + 60'000).ids, Ids{"1"});
  const Missed late = missed({{"1", "a", "check_run", pressed, false}}, pressed + 11 * kMinute);
  EXPECT_EQ(late.ids, Ids{});
  EXPECT_EQ(late.settled_until, pressed);
}

}  // namespace
}  // namespace kiln::forges
