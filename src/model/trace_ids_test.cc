#include "model/trace_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::model {
namespace {

const Uuid kTracedBuild = *Uuid::parse("01234567-89ab-4def-8123-456789abcdef");

TEST(TraceIds, ATraceIsNamedLikeItsBuild) {
  EXPECT_EQ(trace_id(kTracedBuild), "0123456789ab4def8123456789abcdef");
}

TEST(TraceIds, PartsDifferAndStayTheSame) {
  EXPECT_EQ(span_id(kTracedBuild, "").size(), 16U);
  EXPECT_EQ(span_id(kTracedBuild, "queue"), span_id(kTracedBuild, "queue"));
  EXPECT_NE(span_id(kTracedBuild, "queue"), span_id(kTracedBuild, ""));
  EXPECT_NE(step_span_id(kTracedBuild, 1, StepName::build), step_span_id(kTracedBuild, 2, StepName::build));
  EXPECT_NE(step_span_id(kTracedBuild, 1, StepName::build), step_span_id(kTracedBuild, 1, StepName::deploy));
}

TEST(TraceIds, ACommandsParentIsItsStep) {
  EXPECT_EQ(trace_parent(kTracedBuild, 1, StepName::build),
            "00-0123456789ab4def8123456789abcdef-" + step_span_id(kTracedBuild, 1, StepName::build) + "-01");
}

}  // namespace
}  // namespace kiln::model
