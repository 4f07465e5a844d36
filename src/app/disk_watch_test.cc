#include "app/disk_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/local_hub.h"

namespace kiln::app {
namespace {

class FakeOutbox final : public store::Outbox {
 public:
  Result<std::vector<store::OutboxRow>> waiting(int) override { return std::vector<store::OutboxRow>(); }
  Status hand_on(std::int64_t, const std::vector<store::ReportWish>&, const store::EventWishes&) override {
    return {};
  }
  Result<int> add_disk_low(std::uint64_t free_bytes) override {
    if (full) return fail(Errc::disk_full, "no room");
    if (listeners > 0) told.push_back(free_bytes);
    return listeners;
  }

  std::vector<std::uint64_t> told;
  bool full = false;
  int listeners = 1;
};

class DiskWatchTest : public ::testing::Test {
 protected:
  void look_at(std::uint64_t free) {
    free_ = free;
    watch_.look();
  }

  FakeOutbox outbox_;
  events::LocalHub hub_;
  std::optional<std::uint64_t> free_;
  DiskWatch watch_{outbox_, hub_, [this] { return free_; }, 1'000};
};

TEST_F(DiskWatchTest, TellsOnceUntilThereIsRoomAgain) {
  look_at(1'000);
  EXPECT_TRUE(outbox_.told.empty());
  look_at(999);
  look_at(500);
  look_at(1'400);
  look_at(900);
  EXPECT_THAT(outbox_.told, ::testing::ElementsAre(999)) << "around the floor it is said once";
  look_at(1'500);
  look_at(998);
  EXPECT_THAT(outbox_.told, ::testing::ElementsAre(999, 998));
}

TEST_F(DiskWatchTest, TellsLaterWhatItCouldNotKeep) {
  outbox_.full = true;
  look_at(1);
  outbox_.full = false;
  look_at(2);
  EXPECT_THAT(outbox_.told, ::testing::ElementsAre(2));
}

TEST_F(DiskWatchTest, TellsWhoeverListensFirst) {
  outbox_.listeners = 0;
  look_at(1);
  outbox_.listeners = 1;
  look_at(2);
  EXPECT_THAT(outbox_.told, ::testing::ElementsAre(2));
}

TEST_F(DiskWatchTest, SaysNothingOfADiskThatCannotBeAsked) {
  watch_.look();
  EXPECT_TRUE(outbox_.told.empty());
}

}  // namespace
}  // namespace kiln::app
