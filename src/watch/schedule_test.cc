#include "watch/schedule.h"

#include <gtest/gtest.h>

#include "testing/fake_entropy.h"

namespace kiln::watch {
namespace {

constexpr TimeMs kNow = 1'000'000;

class WatchSchedule : public ::testing::Test {
 protected:
  store::Watched repository(const std::string& url, TimeMs next_on, int failures = 0) {
    store::Watched one;
    one.connection.uuid = entropy_.uuid();
    one.connection.clone_url = url;
    one.next_on = next_on;
    one.failures = failures;
    one.heads_known = true;
    return one;
  }
  void refresh() {
    schedule_.refresh(all_, kNow, 3'000, [] { return 0.5; });
  }
  std::vector<std::string> started(TimeMs now) {
    std::vector<std::string> urls;
    for (const Turn& turn : schedule_.start(now, [this](const Turn& t) { return t.url != full_; }))
      urls.push_back(turn.url);
    return urls;
  }

  using Urls = std::vector<std::string>;
  testing::FakeEntropy entropy_;
  Schedule schedule_{300'000};
  std::vector<store::Watched> all_;
  std::string full_;  // the URL of a host that has no place
};

TEST_F(WatchSchedule, AsksEveryHostThatAnsweredSoonAfterAStartAndOthersAtTheirTime) {
  all_ = {repository("good", kNow + 200'000), repository("failing", kNow + 200'000, 3)};
  refresh();
  EXPECT_EQ(schedule_.pause(kNow, 30'000), 1'500);
  EXPECT_EQ(started(kNow + 1'500), Urls{"good"});
  EXPECT_EQ(started(kNow + 200'000), Urls{"failing"});
}

TEST_F(WatchSchedule, LooksOutForOneAtATimeAndTakesTheOneThatWaitedLongest) {
  refresh();
  all_ = {repository("later", kNow - 1), repository("first", kNow - 9)};
  refresh();
  EXPECT_EQ(started(kNow), (Urls{"first", "later"}));
  EXPECT_TRUE(started(kNow).empty()) << "both are out";
  schedule_.end(all_[0].connection.uuid, kNow + 50);
  refresh();
  EXPECT_TRUE(started(kNow + 49).empty());
  EXPECT_EQ(started(kNow + 50), Urls{"later"});
}

TEST_F(WatchSchedule, LetsAHostWithoutAPlaceDelayNobody) {
  refresh();
  all_ = {repository("dead", kNow - 9), repository("alive", kNow)};
  refresh();
  full_ = "dead";
  EXPECT_EQ(started(kNow), Urls{"alive"});
  EXPECT_EQ(schedule_.pause(kNow, 30'000), 30'000) << "whoever gives a place back says so";
  full_.clear();
  EXPECT_EQ(started(kNow), Urls{"dead"});
}

TEST_F(WatchSchedule, HurriesOnceMoreAfterALookThatRuns) {
  refresh();
  all_ = {repository("a", kNow)};
  refresh();
  ASSERT_EQ(started(kNow), Urls{"a"});
  schedule_.hurry(all_[0].connection.uuid, kNow + 5);
  EXPECT_TRUE(started(kNow + 5).empty());
  schedule_.end(all_[0].connection.uuid, kNow + 300'000);
  EXPECT_EQ(started(kNow + 6), Urls{"a"});
}

TEST_F(WatchSchedule, ForgetsWhatIsNotWatchedAnyMore) {
  refresh();
  all_ = {repository("a", kNow), repository("b", kNow)};
  refresh();
  ASSERT_EQ(started(kNow).size(), 2U);
  schedule_.end(all_[0].connection.uuid, std::nullopt);
  schedule_.end(all_[1].connection.uuid, kNow + 10);
  all_.clear();
  refresh();
  EXPECT_TRUE(started(kNow + 1'000'000).empty());
}

}  // namespace
}  // namespace kiln::watch
