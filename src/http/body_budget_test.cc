#include "http/body_budget.h"

#include <gtest/gtest.h>

namespace kiln::http {
namespace {

using Answer = BodyBudget::Answer;

class Requester final : public BodyBudget::Owner {
 public:
  Requester(BodyBudget& budget, std::uint64_t caller) : hold(budget, *this) { hold.begin(caller); }
  Requester(BodyBudget& budget, const char* address) : hold(budget, *this) { hold.begin_stranger(address); }
  void cut_body() override { cut = true; }
  void body_room() override { ++told; }

  BodyBudget::Hold hold;
  bool cut = false;
  int told = 0;
};

class BodyBudgetTest : public ::testing::Test {
 protected:
  BodyBudget budget_{{110, 60, 10, 0, 4}};
};

TEST_F(BodyBudgetTest, ACallersRequestsShareWhatIsItsOwn) {
  Requester first(budget_, 7);
  Requester second(budget_, 7);
  Requester other(budget_, 8);
  EXPECT_EQ(first.hold.grow_to(40), Answer::granted);
  EXPECT_EQ(second.hold.grow_to(21), Answer::share_is_used);
  EXPECT_EQ(second.hold.grow_to(20), Answer::granted);
  EXPECT_EQ(other.hold.grow_to(41), Answer::all_is_used);
  EXPECT_EQ(other.hold.grow_to(40), Answer::granted);
  EXPECT_EQ(other.hold.grow_to(10), Answer::granted) << "no more than it holds already";
  EXPECT_EQ(budget_.used(), 100U);
}

TEST_F(BodyBudgetTest, WhoWaitsIsToldWhenSomethingIsGivenBack) {
  Requester first(budget_, 7);
  Requester second(budget_, 7);
  EXPECT_EQ(first.hold.grow_to(60), Answer::granted);
  budget_.wait(second);
  first.hold.end();
  EXPECT_EQ(second.told, 1);
  EXPECT_EQ(second.hold.grow_to(60), Answer::granted);
  budget_.leave(second);
  second.hold.end();
  EXPECT_EQ(second.told, 1);
  EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(BodyBudgetTest, WhatIsKeptForKnownProcessesNobodyElseTakes) {
  BodyBudget budget({110, 60, 10, 20});
  Requester one(budget, 1);
  Requester other(budget, 2);
  EXPECT_EQ(one.hold.grow_to(60), Answer::granted);
  EXPECT_EQ(other.hold.grow_to(30), Answer::all_is_used);
  EXPECT_EQ(other.hold.grow_to(20), Answer::granted);
  Requester runner(budget, 3);
  EXPECT_EQ(runner.hold.grow_to(1), Answer::all_is_used);
  runner.hold.begin(3, true);
  EXPECT_EQ(runner.hold.grow_to(20), Answer::granted);
  EXPECT_EQ(runner.hold.grow_to(21), Answer::all_is_used) << "the strangers' part is theirs";
  Requester stranger(budget, "a");
  EXPECT_EQ(stranger.hold.grow_to(10), Answer::granted);
}

TEST_F(BodyBudgetTest, AnAddressesOldestBodyGivesWay) {
  Requester oldest(budget_, "a");
  Requester whole(budget_, "a");
  Requester next(budget_, "a");
  EXPECT_EQ(oldest.hold.grow_to(4), Answer::granted);
  EXPECT_EQ(whole.hold.grow_to(4), Answer::granted);
  whole.hold.settle();
  EXPECT_EQ(next.hold.grow_to(5), Answer::granted);
  EXPECT_TRUE(oldest.cut);
  EXPECT_EQ(next.hold.grow_to(7), Answer::share_is_used) << "the other is whole, and this one is its own";
  EXPECT_FALSE(whole.cut);
  EXPECT_FALSE(next.cut);
  EXPECT_EQ(budget_.used(), 9U);
}

TEST_F(BodyBudgetTest, TheStrangersAddressThatHoldsMostGivesWay) {
  Requester delivery(budget_, "forge");
  Requester first(budget_, "flood");
  Requester second(budget_, "flood");
  EXPECT_EQ(delivery.hold.grow_to(3), Answer::granted);
  EXPECT_EQ(first.hold.grow_to(3), Answer::granted);
  EXPECT_EQ(second.hold.grow_to(3), Answer::granted);
  EXPECT_EQ(delivery.hold.grow_to(6), Answer::granted);
  EXPECT_TRUE(first.cut);
  EXPECT_FALSE(second.cut) << "that was enough";
  EXPECT_EQ(second.hold.grow_to(5), Answer::granted) << "the other address holds more now";
  EXPECT_TRUE(delivery.cut);
  second.hold.end();
  EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(BodyBudgetTest, WhereNoAddressHoldsMuchTheOldestBodyGivesWay) {
  Requester announced(budget_, "a");
  Requester oldest(budget_, "b");
  Requester other(budget_, "c");
  Requester delivery(budget_, "d");
  EXPECT_EQ(oldest.hold.grow_to(3), Answer::granted);
  EXPECT_EQ(other.hold.grow_to(3), Answer::granted);
  EXPECT_EQ(delivery.hold.grow_to(4), Answer::granted);
  EXPECT_EQ(announced.hold.grow_to(1), Answer::granted);
  EXPECT_TRUE(oldest.cut) << "although another holds more, and one has been here longer with nothing";
  EXPECT_FALSE(delivery.cut);
}

TEST_F(BodyBudgetTest, NobodyIsCutInVain) {
  Requester whole(budget_, "a");
  Requester begun(budget_, "b");
  Requester next(budget_, "c");
  EXPECT_EQ(whole.hold.grow_to(8), Answer::granted);
  whole.hold.settle();
  EXPECT_EQ(begun.hold.grow_to(1), Answer::granted);
  EXPECT_EQ(next.hold.grow_to(3), Answer::share_is_used);
  EXPECT_FALSE(begun.cut);
  EXPECT_EQ(next.hold.grow_to(2), Answer::granted);
  EXPECT_TRUE(begun.cut);
}

}  // namespace
}  // namespace kiln::http
