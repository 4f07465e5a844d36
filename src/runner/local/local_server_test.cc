#include "runner/local/local_server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace kiln::runner {
namespace {

model::JobSpec job_on_this_machine() {
  model::JobSpec job;
  job.worker_name = "w";
  return job;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  EXPECT_EQ(pipe(ends.data()), 0);
  return ends;
}

class LocalServerTest : public ::testing::Test {
 protected:
  ~LocalServerTest() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  std::string printed() {
    std::array<char, 4096> buffer{};
    const ssize_t got = read(ends_[0], buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }

  std::array<int, 2> ends_ = make_pipe();
  int told_ = 0;
  LocalServer server_{job_on_this_machine(), ends_[1], [this] { ++told_; }};
  std::unique_ptr<ServerClient> client_ = server_.make();
};

TEST_F(LocalServerTest, GivesItsJobOnce) {
  const std::atomic<bool> go_on{false};
  const auto first = client_->claim({"r", 0}, go_on);
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->worker_name, "w");
  const auto second = server_.make()->claim({"r", 0}, go_on);
  ASSERT_TRUE(second);
  EXPECT_FALSE(*second);
}

TEST_F(LocalServerTest, AStoppedClaimDoesNotWait) {
  const std::atomic<bool> stop{true};
  (void)client_->claim({"r", 0}, stop);
  EXPECT_TRUE(client_->claim({"r", 3'600'000}, stop));
}

TEST_F(LocalServerTest, WritesEachChunkOnceAsLinesOfJson) {
  const wire::LogCall call{{},
                           1,
                           {model::pack({{7, "say \"hi\""},
                                         {8,
                                          "\x1b[31m"
                                          "red"},
                                         {9, "Failed", true}})}};
  ASSERT_TRUE(client_->append_log({}, call));
  ASSERT_TRUE(client_->append_log({}, call));
  EXPECT_EQ(
      printed(),
      "[7,\"say \\\"hi\\\"\",\"build\"]\n[8,\"\\u001b[31mred\",\"build\"]\n[9,\"Failed\",\"service\"]\n");
}

TEST_F(LocalServerTest, KeepsTheFirstEndAndTellsOnce) {
  EXPECT_FALSE(server_.end());
  ASSERT_TRUE(client_->finish({}, {{}, {model::BuildOutcome::success, {}}}));
  ASSERT_TRUE(client_->finish({}, {{}, {model::BuildOutcome::fail, {}}}));
  ASSERT_TRUE(server_.end());
  EXPECT_EQ(server_.end()->outcome, model::BuildOutcome::success);
  EXPECT_EQ(told_, 1);
}

TEST_F(LocalServerTest, NoCacheIsPurged) {
  const auto answer = client_->caches({{Uuid{}}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->epochs, (std::map<Uuid, std::int64_t>{{Uuid{}, 0}}));
}

TEST_F(LocalServerTest, AMachineThatTakesNoBuildEndsItAtOnce) {
  const std::atomic<bool> go_on{false};
  const auto job = client_->claim({"r", 0, "only 3 MiB are free"}, go_on);
  ASSERT_TRUE(job);
  EXPECT_FALSE(*job);
  EXPECT_FALSE(server_.was_given());
  ASSERT_TRUE(server_.end());
  EXPECT_EQ(server_.end()->reason, "only 3 MiB are free");
}

TEST_F(LocalServerTest, BelievesClaims) {
  EXPECT_FALSE(client_->sees_uploads());
  EXPECT_EQ(client_->uploads({}, {{}, {Uuid{}, Uuid{}}})->versions, 2);
}

}  // namespace
}  // namespace kiln::runner
