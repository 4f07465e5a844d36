#include "runner/doctor/rows.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace kiln::runner {
namespace {

TEST(DoctorRows, OnlyMissingEssentialsKeepBuildsFromRunning) {
  std::vector<Row> rows{{.name = "a", .health = Health::missing},
                        {.name = "b", .health = Health::limited, .essential = true}};
  EXPECT_TRUE(builds_can_run(rows));
  rows.push_back({.name = "c", .health = Health::missing, .essential = true});
  EXPECT_FALSE(builds_can_run(rows));
}

TEST(DoctorRows, AreJson) {
  EXPECT_EQ(
      boost::json::serialize(rows_json({{.name = "git", .found = "2", .means = "m", .todo = "t"}})),
      R"({"builds_can_run":true,"rows":[{"name":"git","state":"ok","found":"2","means":"m","todo":"t"}]})");
}

}  // namespace
}  // namespace kiln::runner
