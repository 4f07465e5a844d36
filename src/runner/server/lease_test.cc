#include "runner/server/lease.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"

namespace kiln::runner {
namespace {

class LeaseTest : public ::testing::Test {
 protected:
  testing::FakeClock clock_;
  Lease lease_{clock_, {}, {}, 30'000};
};

TEST_F(LeaseTest, RunsOutWhenTheServerIsSilent) {
  EXPECT_TRUE(lease_.ours());
  clock_.advance(29'000);
  lease_.renewed(clock_.monotonic_ms());
  clock_.advance(29'000);
  EXPECT_TRUE(lease_.ours());
  clock_.advance(1'000);
  EXPECT_FALSE(lease_.ours());
}

TEST_F(LeaseTest, InsistsUntilTheServerAnswers) {
  int calls = 0;
  const Status done = lease_.insist([&]() -> Status {
    if (++calls < 3) return fail(Errc::unavailable, "not now");
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(calls, 3);
}

TEST_F(LeaseTest, TakesARefusalForAnAnswer) {
  EXPECT_EQ(lease_.insist([] { return Status(fail(Errc::conflict, "a gap")); }).error().code, Errc::conflict);
}

TEST_F(LeaseTest, GivesUpWhenTheLeaseRanOut) {
  const Status done = lease_.insist([&]() -> Status {
    clock_.advance(31'000);
    return fail(Errc::unavailable, "not now");
  });
  EXPECT_EQ(done.error().code, Errc::lease_lost);
}

TEST_F(LeaseTest, ALostLeaseStaysLost) {
  lease_.lose();
  lease_.renewed(clock_.monotonic_ms());
  EXPECT_FALSE(lease_.ours());
  EXPECT_FALSE(lease_.pause(60'000)) << "and nobody waits for it";
}

}  // namespace
}  // namespace kiln::runner
