// What there is to say of builds, over a real store.
#include "events/reports/build_reports.h"

#include <gtest/gtest.h>

#include "model/log_text.h"
#include "testing/memory_store.h"

namespace kiln::events {
namespace {

using model::BuildOutcome;
using model::EndCause;
using model::ReportState;

struct BuildReportsTest : ::testing::Test {
  testing::TestStore t;
  model::Trigger trigger = t.add_trigger();
  store::ClaimRequest request = t.make_claim();
  BuildReports reports{{t.stories, t.logs,
                        [](const model::Build&, const std::string&) { return BuildReports::Addresses{}; },
                        [] { return std::string("https://kiln.example"); }}};

  Uuid begin() {
    const Uuid build = t.add_build(trigger).uuid;
    request = t.make_claim();
    t.claim_next(request);
    return build;
  }
  model::BuildReport report(const Uuid& build) { return *reports.report(trigger.account_id, build); }
};

TEST_F(BuildReportsTest, ABuildThatReachedItsTimeLimitTimedOut) {
  const Uuid build = begin();
  t.clock.advance(1'000);
  ASSERT_TRUE(t.queue.finish(build, request.lease_id, BuildOutcome::terminated, {}, {},
                             {"Ended at the time limit of 1 s", {}, EndCause::time_limit}));
  EXPECT_EQ(report(build).state, ReportState::timed_out);
}

TEST_F(BuildReportsTest, WhateverElseTerminatedABuildFailedHoweverLongItTook) {
  const Uuid killed = begin();
  t.clock.advance(TimeMs{24} * 3'600'000);
  ASSERT_TRUE(t.queue.finish(killed, request.lease_id, BuildOutcome::terminated, {}, {},
                             {"Ended by the memory limit", {}, EndCause::resources}));
  EXPECT_EQ(report(killed).state, ReportState::failure);
  EXPECT_EQ(report(killed).reason, "Ended by the memory limit");
  const Uuid lost = begin();
  t.clock.advance(TimeMs{24} * 3'600'000);
  ASSERT_TRUE(t.queue.recover(std::nullopt, 1));
  EXPECT_EQ(report(lost).state, ReportState::failure);
  EXPECT_EQ(report(lost).reason, "Build was terminated: its runner was lost.");
  const Uuid unsaid = begin();
  t.clock.advance(TimeMs{24} * 3'600'000);
  ASSERT_TRUE(t.queue.finish(unsaid, request.lease_id, BuildOutcome::terminated));
  EXPECT_EQ(report(unsaid).state, ReportState::failure);
}

TEST_F(BuildReportsTest, WhatFailedOfItselfHasNoReasonBesidesItsSentence) {
  const Uuid build = begin();
  ASSERT_TRUE(t.queue.finish(build, request.lease_id, BuildOutcome::fail, {}, {},
                             {"make failed: exit code 2", model::StepName::build}));
  EXPECT_EQ(report(build).sentence, "make failed: exit code 2");
  EXPECT_EQ(report(build).reason, "");
}

TEST_F(BuildReportsTest, FaultsAreFoundInAllOfTheStepThatFailed) {
  const Uuid build = begin();
  std::vector<model::LogLine> lines = {{1, "src/other.ts(1,1): error TS1: of a step before"},
                                       {2, "src/a.ts(3,7): error TS2322: wrong"}};
  for (int i = 0; i < 500; ++i) lines.push_back({3, "and so on"});
  const auto step = [](int ordinal, model::StepName name, model::StepState state, std::int64_t first) {
    return model::BuildStep{
        .ordinal = ordinal, .step = name, .state = state, .started_on = 10, .first_line = first};
  };
  ASSERT_TRUE(t.queue.append_log(build, request.lease_id, 1, {model::pack(lines)},
                                 {{step(1, model::StepName::install, model::StepState::done, 1),
                                   step(2, model::StepName::build, model::StepState::failed, 2)},
                                  {},
                                  {}}));
  ASSERT_TRUE(t.queue.finish(build, request.lease_id, BuildOutcome::fail));
  EXPECT_EQ(report(build).annotations,
            (std::vector<model::Annotation>{{"src/a.ts", 3, "TS2322: wrong", false}}));
  EXPECT_EQ(report(build).log_tail.find("src/a.ts"), std::string::npos) << "which are not in the tail";
}

}  // namespace
}  // namespace kiln::events
