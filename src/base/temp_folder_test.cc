// Temporary folders of processes that were killed, and of those that live.
#include "base/temp_folder.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>
#include <vector>

#include "testing/temp_dir.h"

namespace kiln {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& place) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(place), fs::directory_iterator()));
}

Result<TempFolder> make(const testing::TempDir& place) {
  return TempFolder::make(place.path(), "kiln-run", 0711);
}

// A process that makes a folder and is killed: what it left.
fs::path left_by_a_killed_process(const testing::TempDir& place) {
  const pid_t pid = fork();
  if (pid == 0) {
    const auto folder = make(place);
    if (folder) std::ofstream(folder->path() / "file") << "left";
    raise(SIGKILL);
  }
  waitpid(pid, nullptr, 0);
  return fs::directory_iterator(place.path())->path();
}

TEST(TempFolder, HasItsModeAndIsGoneWithItsOwner) {
  const testing::TempDir place;
  fs::path path;
  {
    const Result<TempFolder> folder = make(place);
    ASSERT_TRUE(folder) << folder.error().message;
    path = folder->path();
    std::ofstream(path / "file") << "x";
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0711U);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TempFolder, OfAKilledProcessIsRemovedByTheNext) {
  const testing::TempDir place;
  const fs::path left = left_by_a_killed_process(place);
  ASSERT_TRUE(fs::exists(left / "file"));
  const Result<TempFolder> next = make(place);
  ASSERT_TRUE(next);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_EQ(entries(place.path()), 1U);
}

TEST(TempFolder, OfALivingProcessStays) {
  const testing::TempDir place;
  const Result<TempFolder> first = make(place);
  const Result<TempFolder> second = make(place);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(fs::exists(first->path()) && fs::exists(second->path()));
}

// As kiln-runner outlives a `kiln run` that was killed, for a moment.
TEST(TempFolder, StaysWhileAProgramThatSharesItLives) {
  const testing::TempDir place;
  int gate[2];  // NOLINT(*-avoid-c-arrays): pipe
  ASSERT_EQ(pipe(gate), 0);
  const pid_t owner = fork();
  if (owner == 0) {
    const auto folder = make(place);
    const bool shared = folder && folder->share_with_children();
    if (fork() == 0) {
      close(gate[1]);
      char byte = 0;
      dup2(gate[0], 0);
      if (shared) execl("/bin/cat", "cat", nullptr);
      _exit(read(0, &byte, 1) < 0 ? 1 : 0);
    }
    raise(SIGKILL);
  }
  waitpid(owner, nullptr, 0);
  close(gate[0]);
  const fs::path left = fs::directory_iterator(place.path())->path();
  { const Result<TempFolder> next = make(place); }
  EXPECT_TRUE(fs::exists(left));
  close(gate[1]);  // the program ends, and with it the lock
  const Fd folder(open(left.c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(flock(folder.get(), LOCK_EX), 0);
  ASSERT_EQ(flock(folder.get(), LOCK_UN), 0);
  { const Result<TempFolder> next = make(place); }
  EXPECT_FALSE(fs::exists(left));
}

TEST(TempFolder, IsNeverMistakenForAnotherThing) {
  const testing::TempDir place;
  const testing::TempDir elsewhere;
  std::ofstream(elsewhere.path() / "precious") << "x";
  fs::create_directory_symlink(elsewhere.path(), place.path() / "kiln-run.abcdef");
  fs::create_directory(place.path() / "kiln-run.notours1");
  fs::create_directory(place.path() / "kiln-doctor.abcdef");
  std::ofstream(place.path() / "kiln-run.ghijkl") << "a file";
  { const Result<TempFolder> next = make(place); }
  EXPECT_EQ(entries(place.path()), 4U);
  EXPECT_TRUE(fs::exists(elsewhere.path() / "precious"));
}

TEST(TempFolder, OfAnotherUserIsLeftAlone) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  const testing::TempDir place;
  const fs::path theirs = place.path() / "kiln-run.abcdef";
  fs::create_directory(theirs);
  ASSERT_EQ(chown(theirs.c_str(), 65534, 65534), 0);
  { const Result<TempFolder> next = make(place); }
  EXPECT_TRUE(fs::exists(theirs));
}

TEST(TempFolder, IsEachOnesOwnWhenManyAreMadeAtOnce) {
  const testing::TempDir place;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&place] {
      for (int n = 0; n < 50; ++n) {
        const Result<TempFolder> folder = make(place);
        ASSERT_TRUE(folder) << folder.error().message;
        std::ofstream(folder->path() / "mine") << "x";
        ASSERT_TRUE(fs::exists(folder->path() / "mine"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(entries(place.path()), 0U);
}

TEST(TemporaryPlace, ThatIsNotThereIsAnErrorInWords) {
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before != nullptr ? before : "";
  setenv("TMPDIR", "/nonexistent-kiln-test", 1);
  const Result<fs::path> place = temporary_place();
  if (before != nullptr)
    setenv("TMPDIR", kept.c_str(), 1);
  else
    unsetenv("TMPDIR");
  ASSERT_FALSE(place);
  EXPECT_NE(place.error().message.find("/nonexistent-kiln-test"), std::string::npos);
}

}  // namespace
}  // namespace kiln
