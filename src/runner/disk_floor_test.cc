#include "runner/disk_floor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace kiln::runner {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kGiB = 1ULL << 30U;

// A disk with caches of so many bytes on it, and a build.
class DiskFloorTest : public ::testing::Test {
 protected:
  DiskFloor::Setup setup(std::vector<std::uint64_t*> caches) {
    DiskFloor::Setup setup{.floor = 4 * kGiB, .place = "/data", .free = {}, .relief = {}, .end_largest = {}};
    setup.free = [this] { return std::optional(free_.load()); };
    for (std::uint64_t* cache : caches) {
      setup.relief.emplace_back([this, cache] {
        if (*cache == 0) return false;
        *cache -= kGiB;
        free_ += kGiB;
        return true;
      });
    }
    setup.end_largest = [this] {
      ++ended_;
      return true;
    };
    return setup;
  }

  std::atomic<std::uint64_t> free_{10 * kGiB};
  int ended_ = 0;
};

TEST_F(DiskFloorTest, AboveItNothingHappens) {
  std::uint64_t cache = 3 * kGiB;
  DiskFloor floor(setup({&cache}));
  floor.look();
  EXPECT_FALSE(floor.why_closed());
  EXPECT_EQ(cache, 3 * kGiB);
}

TEST_F(DiskFloorTest, CachesGiveWayFirstAndNoMoreThanIsNeeded) {
  std::uint64_t archives = kGiB;
  std::uint64_t tools = 5 * kGiB;
  DiskFloor floor(setup({&archives, &tools}));
  free_ = kGiB;
  floor.look();
  EXPECT_FALSE(floor.why_closed());
  EXPECT_EQ(archives, 0U);
  EXPECT_EQ(tools, 3 * kGiB);
  EXPECT_EQ(ended_, 0);
}

TEST_F(DiskFloorTest, BelowItNothingIsTakenUntilThereIsSpaceAgain) {
  DiskFloor floor(setup({}));
  free_ = 3 * kGiB;
  floor.look();
  EXPECT_THAT(floor.why_closed().value_or(""),
              HasSubstr("only 3 GiB are free in /data, less than runner.min_free_disk = 4 GiB"));
  EXPECT_EQ(ended_, 0) << "a running build goes on between the floor and its half";
  free_ = 4 * kGiB;
  floor.look();
  EXPECT_FALSE(floor.why_closed());
}

TEST_F(DiskFloorTest, BelowHalfOfItABuildIsEnded) {
  DiskFloor floor(setup({}));
  free_ = 2 * kGiB - 1;
  floor.look();
  EXPECT_EQ(ended_, 1);
  EXPECT_TRUE(floor.why_closed());
}

TEST_F(DiskFloorTest, ItsThreadLooksAgainAndAgain) {
  DiskFloor::Setup quick = setup({});
  quick.interval = std::chrono::milliseconds(1);
  std::promise<void> ended;
  quick.end_largest = [this, &ended] {
    if (ended_++ == 0) ended.set_value();
    return true;
  };
  DiskFloor floor(std::move(quick));
  floor.start();
  EXPECT_FALSE(floor.why_closed());
  free_ = 0;
  ended.get_future().wait();
  floor.stop();
}

TEST_F(DiskFloorTest, AFloorOfZeroIsNone) {
  DiskFloor::Setup none = setup({});
  none.floor = 0;
  free_ = 0;
  DiskFloor floor(std::move(none));
  floor.start();
  EXPECT_FALSE(floor.why_closed());
  EXPECT_EQ(ended_, 0);
}

TEST(FreeSpace, IsWhatTheSystemSays) {
  EXPECT_GT(free_space("/").value_or(0), 0U);
  EXPECT_FALSE(free_space("/no/such/place"));
}

}  // namespace
}  // namespace kiln::runner
