// How builds end before they are through, and what comes after one.
#include <thread>

#include "runner/job_for_test.h"

namespace kiln::runner {
namespace {

using model::BuildOutcome;
using ::testing::Contains;
using ::testing::ElementsAre;

TEST_F(JobTest, TheTimeLimitTerminatesAndSaysIt) {
  job_.timeout_ms = 50;
  stage_.plays["make"] = {"before\n", {}, true};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::terminated);
  EXPECT_THAT(server_.lines, Contains("before"));
  EXPECT_THAT(server_.lines, Contains("Build was timed out"));
  EXPECT_EQ(server_.ends.back().words.cause, model::EndCause::time_limit);
  EXPECT_TRUE(server_.has_line("0.1 s"));
  EXPECT_THAT(shell_commands(), ElementsAre("make"));
}

TEST_F(JobTest, ACancelStopsTheCommandAndTellsTheServerNothingMore) {
  stage_.plays["make"] = {"started\n", {}, true};
  std::jthread canceller([this] {
    server_.wait_for_line("started");
    server_.take_lease();
  });
  run();
  EXPECT_TRUE(server_.ends.empty());
  EXPECT_EQ(stop_.reason(), StopReason::lease_lost);
  EXPECT_THAT(shell_commands(), ElementsAre("make"));
}

TEST_F(JobTest, TheLastLinesSayWhatLimitsDidAndWhatWasUsed) {
  stage_.usage = {.memory_peak = 312U << 20U, .cpu_us = 4'100'000, .written = 0, .processes_peak = 2};
  stage_.harm = {.memory_kills = 2};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::success) << "it went on without what was ended";
  EXPECT_TRUE(server_.has_line("Memory limit of 8 GiB reached: the kernel ended 2 processes"));
  EXPECT_TRUE(server_.has_line("Used at most 312 MiB of memory and 2 processes, 4.1 s of CPU time"));
  EXPECT_EQ(server_.lines.back(), "Success! Build completed.");
  EXPECT_EQ(server_.ends.at(0).usage.cpu_ms, 4'100);
}

TEST_F(JobTest, ALimitThatEndsTheWholeBuildTerminatesIt) {
  stage_.harm = {.disk_over = true, .whole_build = true};
  stage_.plays["make"] = {"", {0, 9, false}, false};
  run();
  EXPECT_EQ(outcome(), BuildOutcome::terminated);
  EXPECT_EQ(server_.ends.at(0).reason, "disk limit of 20 GiB");
}

TEST_F(JobTest, ALaterAttemptSaysSo) {
  job_.attempt = 2;
  run();
  EXPECT_TRUE(server_.has_line("attempt 2"));
}

TEST_F(JobTest, ALoopClaimsOneBuildAfterAnotherAndStopsAtOnce) {
  server_.jobs = {job_, job_};
  JobLoop loop(workshop_, "runner", 2);
  loop.start();
  {
    std::unique_lock lock(server_.mutex);
    server_.changed.wait(lock, [this] { return server_.ends.size() == 2; });
  }
  loop.stop();
}

}  // namespace
}  // namespace kiln::runner
