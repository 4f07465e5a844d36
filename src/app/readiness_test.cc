#include "app/readiness.h"

#include <gtest/gtest.h>

#include "testing/memory_store.h"
#include "testing/temp_dir.h"

namespace kiln::app {
namespace {

TEST(Readiness, ManyQuestionsWithinASecondAreOneLook) {
  testing::TestStore store;
  const api::RunnerNotes notes(store.clock);
  const testing::TempDir ground;
  const std::filesystem::path folder = ground.path() / "data";
  Readiness readiness(folder, store.accounts, notes, store.clock);
  EXPECT_FALSE(readiness.ask()) << "there is no such folder";
  std::filesystem::create_directory(folder);
  EXPECT_FALSE(readiness.ask()) << "looked again within the second";
  store.clock.advance(1'000);
  EXPECT_TRUE(readiness.ask());
  std::filesystem::remove(folder);
  EXPECT_TRUE(readiness.ask());
  store.clock.advance(1'000);
  EXPECT_FALSE(readiness.ask());
}

TEST(Readiness, ItsWordsNameNothingOfTheMachine) {
  testing::TestStore store;
  const api::RunnerNotes notes(store.clock);
  Readiness readiness("/nowhere/at/all", store.accounts, notes, store.clock);
  const Status state = readiness.ask();
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().message.find('/'), std::string::npos) << state.error().message;
}

}  // namespace
}  // namespace kiln::app
