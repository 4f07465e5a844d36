#include "runner/tools/node_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/fs.h"
#include "testing/fake_clock.h"
#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchedule = R"({
  "v0.12": {"start": "2015-02-06", "end": "2016-12-31"},
  "v24": {"lts": "2025-10-28", "codename": "Krypton"},
  "v25": {"start": "2025-10-15"},
  "v26": {"lts": "2026-10-28", "codename": "Lithium"},
  "v28": {"lts": "2027-10-20", "codename": ""}})";

// A registry with the package of schedules, or without.
class Registry final : public Processes {
 public:
  std::string schedule;
  int asked = 0;

  Result<ProcessEnd> run(const ProcessSpec& spec) override {
    ++asked;
    ProcessEnd end;
    const auto prefix = std::find(spec.argv.begin(), spec.argv.end(), "--prefix");
    const fs::path folder =
        fs::path(*(prefix + 1)) / "node_modules" / "node-releases" / "data" / "release-schedule";
    if (schedule.empty() || !make_directory(folder, 0755) ||
        !write_file_durably(folder / "release-schedule.json", schedule, 0644)) {
      end.exit_code = 1;
      end.err = "npm error ECONNREFUSED";
    }
    return end;
  }
};

class NodeLinesTest : public ::testing::Test {
 protected:
  std::string line(std::string_view text) {
    const Result<VersionRange> range = lines_.lts(text);
    if (!range) return range.error().message;
    for (int major = 0; major < 40; ++major) {
      if (range->contains({major, 1, 0})) return std::to_string(major);
    }
    return "none";
  }

  testing::TempDir folder_;
  testing::FakeClock clock_{SystemClock().now()};
  Registry registry_;
  Npm npm_{registry_, "/node", "/cache", {}};
  NodeLines lines_{clock_, npm_, folder_.path()};
};

TEST(LtsMajor, IsWhatTheScheduleSaysOnThatDay) {
  const NodeSchedule schedule = parse_schedule(kSchedule);
  EXPECT_EQ(lts_major(schedule, "lts/*", "2026-10-27").value(), 24);
  EXPECT_EQ(lts_major(schedule, "lts/*", "2026-10-28").value(), 26);
  EXPECT_EQ(lts_major(schedule, "LTS", "2026-11-24").value(), 26);
  EXPECT_EQ(lts_major(schedule, "--lts", "2028-01-01").value(), 28);
  EXPECT_EQ(lts_major(schedule, "lts/-1", "2026-11-24").value(), 24);
  EXPECT_EQ(lts_major(schedule, " lts/Lithium ", "2026-11-24").value(), 26);
  for (const char* wrong : {"lts/lithium", "lts/-2", "lts/", "lts/-", "lts/-0", "lts/26"}) {
    const auto unknown = lts_major(schedule, wrong, "2026-10-01");
    ASSERT_FALSE(unknown) << wrong;
    EXPECT_EQ(unknown.error().code, Errc::not_found);
    EXPECT_THAT(unknown.error().message, ::testing::HasSubstr("there are lts/* and lts/krypton (24)"));
  }
}

TEST(ParseSchedule, TakesNothingFromNonsense) {
  for (const char* text :
       {"", "[]", "{", "{\"v22\": 1}", R"({"v22": {"lts": 5}})", R"({"22": {"lts": "2024-10-29"}})"})
    EXPECT_TRUE(parse_schedule(text).empty()) << text;
}

TEST_F(NodeLinesTest, TheRegistryIsAskedOnceADayForTheNewestLine) {
  registry_.schedule = kSchedule;
  EXPECT_EQ(line("lts/*"), "26");
  EXPECT_EQ(line("lts/*"), "26");
  EXPECT_EQ(line("lts/lithium"), "26");
  EXPECT_EQ(registry_.asked, 1);
  EXPECT_FALSE(fs::exists(folder_.path() / ".making-lines"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1) << "the kept schedule alone";
  clock_.advance(TimeMs{25} * 60 * 60'000);
  EXPECT_EQ(line("lts/*"), "26");
  EXPECT_EQ(registry_.asked, 2);
}

TEST_F(NodeLinesTest, NamesThatAreKnownNeedNoRegistry) {
  EXPECT_EQ(line("lts/iron"), "20");
  EXPECT_EQ(registry_.asked, 0);
}

TEST_F(NodeLinesTest, WithoutARegistryWhatWasKnownBeforeHoldsAndItIsNotAskedAllTheTime) {
  EXPECT_EQ(line("lts/*"), "24");
  EXPECT_THAT(line("lts/lithium"), ::testing::HasSubstr("is not a long-term support line of Node on 20"));
  EXPECT_EQ(registry_.asked, 1);
  clock_.advance(TimeMs{6} * 60'000);
  registry_.schedule = kSchedule;
  EXPECT_EQ(line("lts/lithium"), "26");
}

}  // namespace
}  // namespace kiln::runner
