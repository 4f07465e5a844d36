#include "runner/log/build_log.h"

#include <gtest/gtest.h>

#include <thread>

#include "testing/fake_clock.h"

namespace kiln::runner {
namespace {

std::vector<std::string> texts(const std::vector<model::LogChunk>& chunks) {
  std::vector<std::string> out;
  for (const model::LogChunk& chunk : chunks) {
    const std::string text = *model::expand(chunk.frame);
    model::LogTextReader lines(text);
    std::int64_t count = 0;
    for (; const auto line = lines.next(); ++count) out.emplace_back(line->text);
    EXPECT_EQ(count, chunk.lines);
    EXPECT_TRUE(lines.at_end());
  }
  return out;
}

std::vector<std::string> drain(BuildLog& log) {
  std::vector<std::string> all;
  log.close();
  while (auto batch = log.next_batch()) {
    for (std::string& text : texts(batch->chunks)) all.push_back(std::move(text));
  }
  return all;
}

using Texts = std::vector<std::string>;

class BuildLogTest : public ::testing::Test {
 protected:
  kiln::testing::FakeClock clock_;
};

TEST_F(BuildLogTest, MasksOutputAndTheServicesOwnLines) {
  BuildLog log(clock_, {"s3cr3t"});
  log.say("Executing user build command: echo s3cr3t");
  log.output("it is s3c");
  log.output("r3t!\n");
  log.end_output();
  EXPECT_EQ(drain(log), (Texts{"Executing user build command: echo ***", "it is ***!"}));
}

TEST_F(BuildLogTest, MarksTheServicesLinesAndNeverACommands) {
  LogLimits limits;
  limits.total = 100;
  BuildLog log(clock_, {}, limits);
  log.say("Executing user build command: true");
  log.output("! Success: Build command completed\nSuccess");
  log.end_output();
  log.say("Failed: two\nlines");
  log.output(std::string(200, 'x'));
  log.close();
  const auto batch = log.next_batch();
  ASSERT_TRUE(batch);
  std::string marks;
  for (const model::LogChunk& chunk : batch->chunks) {
    const std::string text = *model::expand(chunk.frame);
    model::LogTextReader lines(text);
    while (const auto line = lines.next()) marks += line->service ? 's' : 'b';
  }
  EXPECT_EQ(marks, "sbbssbs");
}

TEST_F(BuildLogTest, NoNameInALineOfOursBeginsALineOfOurs) {
  BuildLog log(clock_, {});
  log.say("Updating repository submodules: a\nSuccess: Build command completed\rFailed\r\nb\n");
  EXPECT_EQ(drain(log),
            (Texts{"Updating repository submodules: a", "  Success: Build command completed Failed", "  b"}));
}

TEST_F(BuildLogTest, SaysOnceThatTheLogIsFullAndStillTakesTheServicesLines) {
  LogLimits limits;
  limits.total = 1U << 20U;
  BuildLog log(clock_, {}, limits);
  const std::string line = std::string(1'023, 'x') + "\n";
  std::jthread writer([&] {
    for (int i = 0; i < 3'000; ++i) log.output(line);
    log.end_output();
    log.say("Success: Build command completed");
    log.close();
  });
  std::size_t kept = 0;
  std::size_t notices = 0;
  std::string last;
  while (auto batch = log.next_batch()) {
    for (std::string& taken : texts(batch->chunks)) {
      kept += taken.size();
      notices += taken.find("limit of 1 MiB") != std::string::npos ? 1 : 0;
      last = std::move(taken);
    }
  }
  EXPECT_EQ(notices, 1U);
  EXPECT_EQ(last, "Success: Build command completed");
  EXPECT_LE(kept, limits.total + 1'000);
}

TEST_F(BuildLogTest, HoldsWritersBackWhileNobodyTakesLinesAndLetsThemGoOnDiscard) {
  LogLimits limits;
  limits.waiting = 10'000;
  BuildLog log(clock_, {}, limits);
  std::atomic<int> written{0};
  std::jthread writer([&] {
    for (int i = 0; i < 100; ++i) {
      log.output(std::string(1'000, 'x') + "\n");
      ++written;
    }
  });
  std::size_t taken = 0;
  while (taken < 20) taken += texts(log.next_batch()->chunks).size();
  EXPECT_LE(written, static_cast<int>(taken) + 11);
  log.discard();
  writer.join();
  EXPECT_EQ(written, 100);
  EXPECT_FALSE(log.next_batch());
}

TEST_F(BuildLogTest, ShowsAnUnfinishedLineAfterAWhile) {
  LogLimits limits;
  limits.unfinished_ms = 1;
  limits.gather_ms = 0;
  BuildLog log(clock_, {"password"}, limits);
  log.output("Continue? [y/N] pass");
  EXPECT_EQ(texts(log.next_batch()->chunks).at(0), "Continue? [y/N] ") << "what may become a secret stays";
  log.output("word\n");
  EXPECT_EQ(drain(log), (Texts{"***"}));
}

TEST_F(BuildLogTest, SendsSeveralChunksAtOnceWhenTheBuildIsLoud) {
  LogLimits limits;
  limits.chunk = 1'000;
  BuildLog log(clock_, {}, limits);
  for (int i = 0; i < 100; ++i) log.output(std::string(400, 'x') + "\n");
  const auto batch = log.next_batch();
  ASSERT_TRUE(batch);
  EXPECT_GT(batch->chunks.size(), 10U);
  std::size_t taken = texts(batch->chunks).size();
  taken += drain(log).size();
  EXPECT_EQ(taken, 100U);
}

TEST_F(BuildLogTest, MakesNoChunkTooLongOfEmptyLinesOrBytesThatNeedMending) {
  for (const std::string& bytes : {std::string(300'000, '\n'), std::string(300'000, '\xFF')}) {
    BuildLog log(clock_, {});
    log.output(bytes);
    log.end_output();
    log.close();
    while (const auto batch = log.next_batch()) {
      for (const model::LogChunk& chunk : batch->chunks)
        EXPECT_LT(model::expand(chunk.frame)->size(), 1U << 20U);
    }
  }
}

TEST_F(BuildLogTest, DropsWhatIsWrittenAfterDiscard) {
  BuildLog log(clock_, {});
  log.discard();
  log.output("lost\n");
  log.say("lost");
  log.end_output();
  EXPECT_FALSE(log.next_batch());
}

TEST_F(BuildLogTest, TellsAStepWithTheLinesThatItBeginsWith) {
  using model::StepName;
  using model::StepState;
  BuildLog log(clock_, {"s3cr3t"});
  log.begin_step(StepName::initialize);
  log.say("Initializing");
  log.say("two");
  log.begin_step(StepName::build);
  log.begin_command("echo s3cr3t");
  log.output("printed\n");
  log.end_output();
  log.end_command(7, 0);
  log.end_step(StepState::failed);
  log.note_tools({{"nodejs", "22.1.0"}});
  log.note_cache({model::CacheKind::output, true, model::CacheKept::saved, 12});
  log.close();
  const auto batch = log.next_batch();
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->story.steps.size(), 2U);
  const model::BuildStep& first = batch->story.steps[0];
  EXPECT_EQ(first.step, StepName::initialize);
  EXPECT_EQ(first.state, StepState::done);
  EXPECT_EQ(first.first_line, 1);
  EXPECT_EQ(first.exit_code, 0);
  const model::BuildStep& second = batch->story.steps[1];
  EXPECT_EQ(second.ordinal, 2);
  EXPECT_EQ(second.first_line, 3);
  EXPECT_EQ(second.state, StepState::failed);
  EXPECT_EQ(second.exit_code, 7);
  EXPECT_EQ(second.command, "echo ***");
  EXPECT_TRUE(second.stopped_on);
  EXPECT_EQ(batch->story.tools.size(), 1U);
  EXPECT_EQ(batch->story.caches.size(), 1U);
  EXPECT_FALSE(log.next_batch());
}

TEST_F(BuildLogTest, TellsAStepThatSaysNothing) {
  BuildLog log(clock_, {});
  log.say("a line");
  ASSERT_TRUE(log.next_batch());
  log.begin_step(model::StepName::save);
  const auto batch = log.next_batch();
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->chunks.empty());
  ASSERT_EQ(batch->story.steps.size(), 1U);
  EXPECT_EQ(batch->story.steps[0].first_line, 2);
  EXPECT_EQ(batch->story.steps[0].state, model::StepState::running);
}

TEST_F(BuildLogTest, RemembersWhatTheLastCommandPrinted) {
  BuildLog log(clock_, {"s3cr3t"});
  log.begin_step(model::StepName::build);
  log.begin_command("one");
  log.output("old\n");
  log.end_output();
  log.begin_command("two");
  log.say("ours");
  log.output("it is s3cr3t\nand no more");
  log.end_output();
  EXPECT_EQ(log.recent_output(), "it is ***\nand no more\n");
}

}  // namespace
}  // namespace kiln::runner
