#include "model/limits.h"

#include <gtest/gtest.h>

#include <limits>

namespace kiln::model {
namespace {

TEST(LimitSettings, TakeTextsAndNumbers) {
  LimitSettings settings;
  EXPECT_EQ(set_limit(settings, "memory", std::string("512MiB")), "");
  EXPECT_EQ(set_limit(settings, "disk", std::string("1GiB")), "");
  EXPECT_EQ(set_limit(settings, "log", std::string("64KiB")), "");
  EXPECT_EQ(set_limit(settings, "processes", std::int64_t{100}), "");
  EXPECT_EQ(set_limit(settings, "cpus", 1.5), "");
  EXPECT_EQ(set_limit(settings, "disk_mode", std::string("poll")), "");
  EXPECT_EQ(settings.memory, 512ULL << 20U);
  EXPECT_EQ(settings.disk, 1ULL << 30U);
  EXPECT_EQ(settings.log, 64ULL << 10U);
  EXPECT_EQ(settings.processes, 100U);
  EXPECT_EQ(settings.cpus, 1.5);
  EXPECT_EQ(settings.disk_mode, "poll");
  EXPECT_EQ(set_limit(settings, "cpus", std::string("all")), "");
  EXPECT_EQ(settings.cpus, 0);
}

TEST(LimitSettings, SayWhatIsAllowed) {
  LimitSettings settings;
  EXPECT_NE(set_limit(settings, "memory", std::string("1MiB")), "") << "nothing builds in that";
  EXPECT_NE(set_limit(settings, "memory", std::int64_t{8}), "") << "eight what";
  EXPECT_NE(set_limit(settings, "disk", std::string("lots")), "");
  EXPECT_NE(set_limit(settings, "processes", std::int64_t{0}), "");
  EXPECT_NE(set_limit(settings, "processes", std::string("many")), "");
  EXPECT_NE(set_limit(settings, "cpus", std::numeric_limits<double>::quiet_NaN()), "");
  EXPECT_NE(set_limit(settings, "cpus", std::monostate{}), "");
  EXPECT_NE(set_limit(settings, "disk_mode", std::string("quota")), "");
  EXPECT_FALSE(settings.memory);
}

}  // namespace
}  // namespace kiln::model
