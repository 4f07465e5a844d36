#include "model/job.h"

#include <gtest/gtest.h>

namespace kiln::model {
namespace {

TEST(StepWords, AreReadBackAsWritten) {
  for (const Step step : {Step::checkout, Step::tools, Step::install, Step::build, Step::deploy}) {
    EXPECT_FALSE(to_string(step).empty());
    EXPECT_EQ(parse_step(to_string(step)), step);
  }
  EXPECT_FALSE(parse_step(""));
  EXPECT_FALSE(parse_step("Deploy"));
}

}  // namespace
}  // namespace kiln::model
