#include "serving/engine_dates.h"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/temp_dir.h"

namespace kiln::serving {
namespace {

class SaysItsVersion final : public Processes {
 public:
  Result<ProcessEnd> run(const ProcessSpec& spec) override {
    EXPECT_EQ(spec.argv.at(1), "--version");
    ++asked;
    ProcessEnd end;
    end.out = line + "\n";
    return end;
  }
  std::string line = "workerd 2026-11-17";
  int asked = 0;
};

class EngineDatesTest : public ::testing::Test {
 protected:
  void put_program(const std::string& text) { std::ofstream(folder_.path() / "workerd") << text; }

  testing::TempDir folder_;
  SaysItsVersion says_;
  std::string newest_ = "2026-11-24";
  int tried_ = 0;
  bool can_try_ = true;
  EngineDates dates_{says_, [this] { return folder_.path() / "workerd"; },
                     [this](const std::string& date) -> Status {
                       ++tried_;
                       if (!can_try_) return fail(Errc::unavailable, "not now");
                       if (date <= newest_) return {};
                       return fail(Errc::script_invalid, "too new");
                     }};
};

TEST_F(EngineDatesTest, ALaterDateRunsAsTheNewestThatIsKnown) {
  put_program("one");
  EXPECT_EQ(dates_.run_date("2025-01-01"), "2025-01-01");
  EXPECT_EQ(dates_.run_date("2026-11-17"), "2026-11-17");
  EXPECT_EQ(tried_, 0) << "its own date says enough";
  EXPECT_EQ(dates_.run_date("2026-11-20"), "2026-11-20");
  EXPECT_EQ(dates_.run_date("2026-11-24"), "2026-11-24");
  EXPECT_EQ(dates_.run_date("2026-11-25"), "2026-11-24");
  EXPECT_EQ(dates_.run_date("2027-11-25"), "2026-11-24");
  EXPECT_LE(tried_, 4);
  EXPECT_EQ(says_.asked, 1);
}

TEST_F(EngineDatesTest, AnotherProgramIsAskedAnew) {
  put_program("one");
  EXPECT_EQ(dates_.run_date("2027-01-01"), "2026-11-24");
  put_program("another");
  says_.line = "workerd 2026-12-28";
  newest_ = "2026-12-28";
  EXPECT_EQ(dates_.run_date("2027-01-01"), "2026-12-28");
}

TEST_F(EngineDatesTest, WhatCannotBeFoundOutChangesNothing) {
  EXPECT_EQ(dates_.run_date("2027-01-01"), "2027-01-01") << "there is no program";
  put_program("one");
  can_try_ = false;
  EXPECT_EQ(dates_.run_date("2027-01-01"), "2027-01-01");
  can_try_ = true;
  EXPECT_EQ(dates_.run_date("2027-01-01"), "2026-11-24") << "and is tried again";
  put_program("silent");
  says_.line = "something else";
  EXPECT_EQ(dates_.run_date("2027-01-01"), "2027-01-01");
}

}  // namespace
}  // namespace kiln::serving
