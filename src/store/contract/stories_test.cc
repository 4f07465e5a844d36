#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

using model::StepName;
using model::StepState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Stories : Contract {
  model::Trigger trigger = t.add_trigger();
  std::string account = trigger.account_id;
  Uuid build = t.add_build(trigger).uuid;
  ClaimRequest request = t.make_claim();
  Claimed claimed = t.claim_next(request);

  static model::BuildStep step(int ordinal, StepName name, StepState state, std::int64_t line) {
    return {.ordinal = ordinal, .step = name, .state = state, .started_on = 10, .first_line = line};
  }
  void tell(int seq, std::vector<model::LogChunk> chunks, const model::StoryNotes& story) {
    const Status told = t.queue.append_log(build, request.lease_id, seq, chunks, story);
    ASSERT_TRUE(told) << told.error().message;
  }
  BuildStory story() { return *t.stories.story(account, build); }
  std::vector<Uuid> found(const BuildFilter& filter) {
    std::vector<Uuid> uuids;
    const Result<BuildNotes> page = t.stories.notes(account, filter, {}, 50);
    for (const BuildNote& note : page->items) uuids.push_back(note.row.build.uuid);
    return uuids;
  }
};

TEST_P(Stories, KeepStepsToolsAndCachesBesideTheLines) {
  tell(1, {model::pack({{1, "a"}, {2, "b"}})},
       {{step(1, StepName::initialize, StepState::running, 1)}, {}, {}});
  model::BuildStep done = step(1, StepName::initialize, StepState::done, 1);
  done.stopped_on = 20;
  done.exit_code = 0;
  tell(2, {},
       {{done, step(2, StepName::build, StepState::running, 3)},
        {{"nodejs", "22.1.0"}, {"npm", "10.1.0"}},
        {{model::CacheKind::output, true, model::CacheKept::saved, 77}}});
  EXPECT_THAT(story().steps, ElementsAre(done, step(2, StepName::build, StepState::running, 3)));
  EXPECT_THAT(story().tools,
              ElementsAre(model::ToolUsed{"nodejs", "22.1.0"}, model::ToolUsed{"npm", "10.1.0"}));
  EXPECT_THAT(story().caches,
              ElementsAre(model::CacheUse{model::CacheKind::output, true, model::CacheKept::saved, 77}));
  EXPECT_EQ(story().note.step->step, StepName::build);
  EXPECT_EQ(story().note.attempt, 1);
  EXPECT_EQ(story().note.runner_id, request.runner_id);
}

TEST_P(Stories, ToldAgainChangeNothing) {
  const model::StoryNotes notes = {{step(1, StepName::clone, StepState::running, 1)}, {{"npm", "1"}}, {}};
  const std::vector<model::LogChunk> chunks = {model::pack({{1, "a"}})};
  tell(1, chunks, notes);
  tell(1, chunks, notes);
  EXPECT_EQ(story().steps.size(), 1U);
  EXPECT_EQ(story().tools.size(), 1U);
  EXPECT_EQ(t.logs.count(build), 1);
}

TEST_P(Stories, OfALostAttemptStopAndTheNextCountsItsLinesBehindIt) {
  tell(1, {model::pack({{1, "a"}, {2, "b"}})}, {{step(1, StepName::build, StepState::running, 2)}, {}, {}});
  ASSERT_TRUE(t.queue.recover(request.runner_id, 3));
  request = t.make_claim();
  claimed = t.claim_next(request);
  const std::int64_t before = *t.logs.count(build);
  EXPECT_EQ(before, 3) << "the service's own line";
  tell(1, {}, {{step(1, StepName::initialize, StepState::running, 1)}, {}, {}});
  tell(1, {model::pack({{5, "c"}})}, {{step(2, StepName::clone, StepState::running, 2)}, {}, {}});
  const std::vector<model::BuildStep> steps = story().steps;
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].state, StepState::stopped);
  EXPECT_TRUE(steps[0].stopped_on);
  EXPECT_EQ(steps[1].attempt, 2);
  EXPECT_EQ(steps[1].first_line, before + 1);
  EXPECT_EQ(steps[2].first_line, before + 2);
}

TEST_P(Stories, AreNotTakenFromWhoLostTheBuild) {
  ASSERT_TRUE(t.queue.cancel(account, build, "Build was cancelled by somebody."));
  const Status told = t.queue.append_log(build, request.lease_id, 1, {},
                                         {{step(1, StepName::build, StepState::running, 1)}, {}, {}});
  EXPECT_EQ(told.error().code, Errc::lease_lost);
  EXPECT_THAT(story().steps, IsEmpty());
}

TEST_P(Stories, SayHowABuildEnded) {
  ASSERT_TRUE(t.queue.finish(build, request.lease_id, model::BuildOutcome::fail, {}, {},
                             {"make failed: exit code 2", StepName::build}));
  EXPECT_EQ(story().note.words, (model::EndWords{"make failed: exit code 2", StepName::build}));
  build = t.add_build(trigger).uuid;
  request = t.make_claim();
  t.claim_next(request);
  const model::EndWords at_limit{"Ended at the time limit", {}, model::EndCause::time_limit};
  ASSERT_TRUE(t.queue.finish(build, request.lease_id, model::BuildOutcome::terminated, {}, {}, at_limit));
  EXPECT_EQ(story().note.words, at_limit);
  build = t.add_build(trigger).uuid;
  ASSERT_TRUE(t.queue.cancel(account, build, "Build was cancelled by somebody."));
  EXPECT_EQ(story().note.words.sentence, "Build was cancelled by somebody.");
  EXPECT_EQ(t.stories.story(account, t.entropy.uuid()).error().code, Errc::not_found);
  EXPECT_EQ(t.stories.note("0123456789abcdef0123456789abcdef", build).error().code, Errc::not_found);
}

TEST_P(Stories, StopWithACancelledBuild) {
  tell(1, {}, {{step(1, StepName::build, StepState::running, 1)}, {}, {}});
  ASSERT_TRUE(t.queue.cancel(account, build, "Build was cancelled."));
  EXPECT_EQ(story().steps.at(0).state, StepState::stopped);
}

TEST_P(Stories, ListBuildsByWhatIsAskedFor) {
  const Uuid other = t.add_build(trigger, "feature").uuid;
  ASSERT_TRUE(t.queue.finish(build, request.lease_id, model::BuildOutcome::success));
  EXPECT_THAT(found({}), ElementsAre(other, build));
  EXPECT_THAT(found({.branch = "feature"}), ElementsAre(other));
  EXPECT_THAT(found({.outcome = model::BuildOutcome::success}), ElementsAre(build));
  EXPECT_THAT(found({.status = model::BuildStatus::queued}), ElementsAre(other));
  EXPECT_THAT(found({.status = model::BuildStatus::running}), IsEmpty());
  EXPECT_THAT(found({.worker_tag = trigger.worker_tag}), ElementsAre(other, build));
  EXPECT_THAT(found({.worker_tag = trigger.worker_tag, .branch = "main"}), ElementsAre(build));
  EXPECT_THAT(found({.author = claimed.build.metadata.author}), ElementsAre(other, build));
  const std::string commit = claimed.build.metadata.commit_hash;
  EXPECT_THAT(found({.commit = commit.substr(0, 7)}), ::testing::Contains(build));
  EXPECT_THAT(found({.commit = "fedcba9"}), IsEmpty());
  EXPECT_THAT(found({.since = t.clock.now() + 1}), IsEmpty());
  EXPECT_THAT(t.stories.notes("0123456789abcdef0123456789abcdef", {}, {}, 50)->items, IsEmpty());
}

TEST_P(Stories, ListBuildsPageByPage) {
  std::vector<Uuid> all = {build};
  for (int i = 0; i < 4; ++i) all.insert(all.begin(), t.add_build(trigger, "b" + std::to_string(i)).uuid);
  for (const BuildFilter& filter : {BuildFilter{}, BuildFilter{.worker_tag = trigger.worker_tag}}) {
    std::vector<Uuid> read;
    std::optional<std::int64_t> before;
    do {
      const BuildNotes page = *t.stories.notes(account, filter, before, 2);
      for (const BuildNote& note : page.items) read.push_back(note.row.build.uuid);
      before = page.next;
    } while (before);
    EXPECT_EQ(read, all);
  }
}

TEST_P(Stories, KnowTheLastGoodBuildAndHowLongItTook) {
  EXPECT_FALSE(*t.stories.last_good(account, build));
  EXPECT_THAT(*t.stories.usual_times(account, {trigger.worker_tag}), IsEmpty());
  t.clock.advance(5'000);
  ASSERT_TRUE(t.queue.finish(build, request.lease_id, model::BuildOutcome::success));
  const Uuid elsewhere = t.add_build(trigger, "feature").uuid;
  const Uuid next = t.add_build(trigger).uuid;
  const auto good = *t.stories.last_good(account, next);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->row.build.uuid, build);
  EXPECT_FALSE(*t.stories.last_good(account, elsewhere)) << "of another branch";
  EXPECT_THAT(*t.stories.usual_times(account, {trigger.worker_tag, "0123456789abcdef0123456789abcdef"}),
              ElementsAre(std::pair(trigger.worker_tag, TimeMs{5'000})));
}

TEST_P(Stories, KnowWhatIsNotOver) {
  const Uuid second = t.add_build(trigger, "feature").uuid;
  const Uuid third = t.add_build(trigger).uuid;
  const std::vector<OpenBuild> open = *t.stories.open_builds(account, 10);
  ASSERT_EQ(open.size(), 3U);
  EXPECT_EQ(open[0].uuid, build);
  EXPECT_TRUE(open[0].leased);
  EXPECT_TRUE(open[0].begun);
  EXPECT_TRUE(open[0].initializing_on);
  EXPECT_EQ(open[1].uuid, second);
  EXPECT_EQ(open[1].branch, "feature");
  EXPECT_EQ(open[1].worker_tag, trigger.worker_tag);
  EXPECT_EQ(open[1].trigger_uuid, trigger.uuid);
  EXPECT_FALSE(open[1].leased);
  EXPECT_FALSE(open[1].begun);
  EXPECT_EQ(t.stories.open_builds(account, 2)->size(), 2U);
  EXPECT_EQ(t.stories.open_counts(account)->running, 1);
  EXPECT_EQ(t.stories.open_counts(account)->waiting, 2);
  const std::vector<BuildNote> leased = *t.stories.leased_notes(account);
  ASSERT_EQ(leased.size(), 1U);
  EXPECT_EQ(leased[0].row.build.uuid, build);
  EXPECT_EQ(leased[0].runner_id, request.runner_id);
  const std::vector<BuildNote> asked = *t.stories.notes_of(account, {open[2].number, 1'000, open[0].number});
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].row.build.uuid, third);
  EXPECT_THAT(*t.stories.notes_of("0123456789abcdef0123456789abcdef", {open[0].number}), IsEmpty());
  ASSERT_TRUE(t.queue.finish(build, request.lease_id, model::BuildOutcome::success));
  EXPECT_EQ(t.stories.open_counts(account)->running, 0);
  EXPECT_THAT(*t.stories.leased_notes(account), IsEmpty());
}

KILN_CONTRACT(Stories);

}  // namespace
}  // namespace kiln::store::contract
