#include "queue/turns.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kiln::queue {
namespace {

constexpr int kTimes = 2'000;

TEST(Turns, OfOneBranchAreOneAfterAnother) {
  Turns turns;
  int taken = 0;  // by whoever has the turn alone
  const auto take = [&](const std::set<Turns::Branch>& branches) {
    for (int i = 0; i < kTimes; ++i) {
      const Turns::Turn turn = turns.wait_for(branches);
      ++taken;
    }
  };
  std::vector<std::thread> all;
  all.emplace_back(take, std::set<Turns::Branch>{{Uuid(), "main"}});
  all.emplace_back(take, std::set<Turns::Branch>{{Uuid(), "main"}, {Uuid(), "beside"}});
  all.emplace_back(take, std::set<Turns::Branch>{{Uuid(), "above"}, {Uuid(), "main"}});
  for (std::thread& one : all) one.join();
  EXPECT_EQ(taken, 3 * kTimes);
}

TEST(Turns, OfOtherBranchesAreNotWaitedFor) {
  Turns turns;
  const Turns::Turn main = turns.wait_for({{Uuid(), "main"}});
  const Turns::Turn other = turns.wait_for({{Uuid(), "feature"}});
  const Turns::Turn of_no_branch = turns.wait_for({});
}

}  // namespace
}  // namespace kiln::queue
