#include "runner/log/build_log.h"

#include <gtest/gtest.h>

#include <thread>

#include "testing/fake_clock.h"

namespace kiln::runner {
namespace {

std::vector<std::string> drain(BuildLog& log) {
  std::vector<std::string> texts;
  log.close();
  while (auto batch = log.next_batch()) {
    for (const model::LogLine& line : *batch) texts.push_back(line.text);
  }
  return texts;
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
    for (const model::LogLine& taken : *batch) {
      kept += taken.text.size();
      notices += taken.text.find("limit of 1 MiB") != std::string::npos ? 1 : 0;
      last = taken.text;
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
  while (taken < 20) taken += log.next_batch()->size();
  EXPECT_LE(written, static_cast<int>(taken) + 11);
  log.discard();
  writer.join();
  EXPECT_EQ(written, 100);
  EXPECT_EQ(log.next_batch(), std::nullopt);
}

TEST_F(BuildLogTest, ShowsAnUnfinishedLineAfterAWhile) {
  LogLimits limits;
  limits.unfinished_ms = 1;
  limits.gather_ms = 0;
  BuildLog log(clock_, {"password"}, limits);
  log.output("Continue? [y/N] pass");
  EXPECT_EQ(log.next_batch()->at(0).text, "Continue? [y/N] ") << "what may become a secret stays";
  log.output("word\n");
  EXPECT_EQ(drain(log), (Texts{"***"}));
}

}  // namespace
}  // namespace kiln::runner
