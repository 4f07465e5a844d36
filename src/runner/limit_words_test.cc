#include "runner/limit_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::runner {
namespace {

using ::testing::ElementsAre;

TEST(LimitWords, NameTheLimitAndItsFigure) {
  const Limits limits;
  EXPECT_THAT(harm_lines({}, limits), ElementsAre());
  EXPECT_THAT(harm_lines({.memory_kills = 3, .forks_refused = 1}, limits),
              ElementsAre("Memory limit of 8 GiB reached: the kernel ended 3 processes of this build.",
                          "Processes limit of 4096 reached: the kernel refused to start another 1 time."));
  EXPECT_THAT(harm_lines({.disk_full = true, .files_full = true}, limits),
              ElementsAre("Disk limit of 20 GiB reached: the build's disk is full."));
  EXPECT_THAT(harm_lines({.files_full = true}, limits).size(), 1U);
}

TEST(LimitWords, SayWhichLimitEndedTheBuild) {
  const Limits limits;
  EXPECT_EQ(ended_by({.memory_kills = 3}, limits), std::nullopt);
  EXPECT_EQ(ended_by({.memory_kills = 3, .whole_build = true}, limits), "memory limit of 8 GiB");
  EXPECT_EQ(ended_by({.host_disk_low = true, .whole_build = true}, limits),
            "floor of 1 GiB of free disk on the host");
  EXPECT_THAT(harm_lines({.host_disk_low = true, .whole_build = true}, limits),
              ElementsAre(::testing::HasSubstr("below half of its floor of 1 GiB (runner.min_free_disk)")));
  EXPECT_THAT(harm_lines({.memory_kills = 1, .network_lost = true}, limits),
              ElementsAre(::testing::_, ::testing::HasSubstr("network stack ended too")));
  EXPECT_EQ(ended_by({.disk_over = true, .whole_build = true}, limits), "disk limit of 20 GiB");
}

TEST(LimitWords, TellWhatWasUsed) {
  EXPECT_EQ(usage_line({}), std::nullopt);
  EXPECT_EQ(usage_line({.memory_peak = 312U << 20U, .cpu_us = 4'120'000, .written = 0, .processes_peak = 23}),
            "Used at most 312 MiB of memory and 23 processes, 4.1 s of CPU time; wrote 0 B.");
  EXPECT_EQ(usage_line({.memory_peak = {}, .cpu_us = 100'000, .written = {}, .processes_peak = {}}),
            "Used 0.1 s of CPU time.");
  EXPECT_EQ(to_tell({.memory_peak = 5, .cpu_us = 4'120'000, .written = {}, .processes_peak = 2}).cpu_ms,
            4'120);
}

}  // namespace
}  // namespace kiln::runner
