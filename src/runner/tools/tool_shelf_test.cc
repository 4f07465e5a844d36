#include "runner/tools/tool_shelf.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <set>

#include "testing/fake_clock.h"
#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ToolShelfTest : public ::testing::Test {
 protected:
  // A tool of so many KiB, put there and used once, one second after the one before.
  void put(const std::string& folder, int kib) {
    fs::create_directories(root() / folder / "bin");
    std::ofstream(root() / folder / "bin" / "program")
        << std::string(static_cast<std::size_t>(kib) << 10U, 'x');
    clock_.advance(1'000);
    EXPECT_TRUE(shelf_.hold(folder));
  }
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }
  [[nodiscard]] std::set<std::string> nodes() const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(root() / "node")) found.insert(entry.path().filename());
    return found;
  }

  testing::TempDir folder_;
  testing::FakeClock clock_;
  ToolShelf shelf_{clock_, folder_.path(), 300U << 10U};
};

TEST_F(ToolShelfTest, TheLeastRecentlyUsedGoUntilTheRestFits) {
  put("node/22.1.0", 120);
  put("node/20.1.0", 120);
  put("node/24.1.0", 120);
  put("pnpm/10.0.0", 20);
  clock_.advance(1'000);
  (void)shelf_.hold("node/22.1.0");
  shelf_.keep_within_bound();
  EXPECT_THAT(nodes(), ElementsAre("22.1.0", "24.1.0"));
  EXPECT_TRUE(fs::exists(root() / "pnpm/10.0.0/bin/program"));
  EXPECT_FALSE(shelf_.hold("node/20.1.0"));
  EXPECT_TRUE(shelf_.hold("node/24.1.0"));
}

TEST_F(ToolShelfTest, WhatNobodyUsedYetCountsFromWhenItWasPutThere) {
  clock_.set_now(TimeMs{4'000'000'000} * 1'000);
  put("node/22.1.0", 200);
  fs::create_directories(root() / "node/23.1.0/bin");
  std::ofstream(root() / "node/23.1.0/bin/program") << std::string(200U << 10U, 'x');
  shelf_.keep_within_bound();
  EXPECT_THAT(nodes(), ElementsAre("22.1.0"));
}

TEST_F(ToolShelfTest, NpmsDownloadsGoFirstUnlessNpmIsAtWork) {
  put("node/22.1.0", 200);
  fs::create_directories(root() / kNpmCache / "_cacache");
  std::ofstream(root() / kNpmCache / "_cacache" / "blob") << std::string(200U << 10U, 'x');
  {
    const auto working = shelf_.hold_downloads();
    const auto used = shelf_.hold("node/22.1.0");
    shelf_.keep_within_bound();
    EXPECT_TRUE(fs::exists(root() / kNpmCache / "_cacache" / "blob"));
  }
  shelf_.keep_within_bound();
  EXPECT_FALSE(fs::exists(root() / kNpmCache));
  EXPECT_THAT(nodes(), ElementsAre("22.1.0"));
}

TEST_F(ToolShelfTest, TheDefaultNodeAndTheOperatorsToolsAreNeverRemoved) {
  put("node/22.1.0", 400);
  put("python/3.13.1", 400);
  fs::create_directory_symlink("22.1.0", root() / "node" / "default");
  shelf_.keep_within_bound();
  EXPECT_FALSE(shelf_.give_up_one());
  EXPECT_TRUE(fs::exists(root() / "node/default/bin/program"));
  EXPECT_TRUE(fs::exists(root() / "python/3.13.1/bin/program"));
}

TEST_F(ToolShelfTest, OneAtATimeIsGivenUpAndNoneInUse) {
  put("node/20.1.0", 1);
  put("node/22.1.0", 1);
  put("bun/1.0.0", 1);
  const auto first = shelf_.hold("node/20.1.0");
  const auto second = shelf_.hold("node/20.1.0");
  EXPECT_TRUE(shelf_.give_up_one());
  EXPECT_THAT(nodes(), ElementsAre("20.1.0"));
  EXPECT_TRUE(shelf_.give_up_one());
  EXPECT_FALSE(fs::exists(root() / "bun/1.0.0"));
  EXPECT_FALSE(shelf_.give_up_one()) << "in use";
}

// Another runner of the same folder, killed while a build of its used a tool.
TEST_F(ToolShelfTest, AnotherRunnersUseIsRespectedUntilItIsKilled) {
  put("node/22.1.0", 1);
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t other = fork();
  ASSERT_GE(other, 0);
  if (other == 0) {
    ToolShelf theirs(clock_, root(), 0);
    const auto held = theirs.hold("node/22.1.0");
    (void)!write(ends[1], held ? "x" : "-", 1);
    pause();
    _exit(0);
  }
  char said = 0;
  ASSERT_EQ(read(ends[0], &said, 1), 1);
  EXPECT_EQ(said, 'x');
  EXPECT_FALSE(shelf_.give_up_one());
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  EXPECT_TRUE(shelf_.give_up_one());
  EXPECT_THAT(nodes(), IsEmpty());
  close(ends[0]);
  close(ends[1]);
}

TEST_F(ToolShelfTest, AFolderThatMayOnlyBeReadIsUsedAllTheSame) {
  put("node/22.1.0", 1);
  EXPECT_TRUE(shelf_.hold("node/22.1.0"));
  fs::remove_all(root() / ".use");
  std::ofstream(root() / ".use") << "no folder";
  EXPECT_TRUE(shelf_.hold("node/22.1.0"));
  EXPECT_FALSE(shelf_.give_up_one()) << "what cannot be locked is not removed";
}

}  // namespace
}  // namespace kiln::runner
