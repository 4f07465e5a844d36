#include "base/child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace kiln {
namespace {

// What a child that was forked with `ends` writes into its end is read at ours, and nothing else.
std::string said_over(Result<Ends> ends) {
  EXPECT_TRUE(ends);
  EXPECT_GE(ends->ours.get(), kFirstInherited);
  EXPECT_GE(ends->theirs.get(), kFirstInherited);
  EXPECT_EQ(fcntl(ends->ours.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(ends->theirs.get(), F_GETFD), FD_CLOEXEC);
  const pid_t pid = fork();
  if (pid == 0) _exit(write(ends->theirs.get(), "hello", 5) == 5 ? 0 : 1);
  ends->theirs.reset();
  std::array<char, 16> bytes{};
  const ssize_t got = read(ends->ours.get(), bytes.data(), bytes.size());
  EXPECT_EQ(read(ends->ours.get(), bytes.data() + 8, 1), 0) << "an end stayed open";
  waitpid(pid, nullptr, 0);
  return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

TEST(Child, TalksOverItsEnds) {
  EXPECT_EQ(said_over(pipe_from_child()), "hello");
  EXPECT_EQ(said_over(socket_to_child()), "hello");
}

TEST(Child, IsTalkedToOverAPipe) {
  const Result<Ends> ends = pipe_to_child();
  ASSERT_TRUE(ends);
  EXPECT_EQ(write(ends->ours.get(), "hello", 5), 5);
  std::array<char, 5> bytes{};
  EXPECT_EQ(read(ends->theirs.get(), bytes.data(), bytes.size()), 5);
}

TEST(Child, SaysWhyNoPipeCanBeHad) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit few = before;
  few.rlim_cur = 0;
  setrlimit(RLIMIT_NOFILE, &few);
  const Result<Ends> pipe = pipe_from_child();
  const Result<Ends> socket = socket_to_child();
  setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(pipe);
  EXPECT_EQ(pipe.error().message, "making a pipe: Too many open files");
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().message, "making a socket: Too many open files");
}

TEST(Child, GetsItsWordsAsTheSystemTakesThem) {
  std::vector<std::string> words{"sh", "-c", ""};
  const std::vector<char*> pointers = pointers_to(words);
  ASSERT_EQ(pointers.size(), 4U);
  EXPECT_STREQ(pointers[1], "-c");
  EXPECT_EQ(pointers[3], nullptr);
  EXPECT_EQ(zero_ended(words), std::string("sh\0-c\0\0", 7));
}

TEST(Child, FindsASystemProgramWhateverPathSays) {
  EXPECT_EQ(access(system_program("sh").c_str(), X_OK), 0);
  EXPECT_EQ(system_program("sh").front(), '/');
  EXPECT_EQ(system_program("there-is-no-such-program"), "");
}

volatile sig_atomic_t handled = 0;

TEST(Child, RunsNoHandlerOfOursAndBlocksNoSignal) {
  const auto before = std::signal(SIGUSR1, [](int) { handled = 1; });
  pid_t pid = 0;
  {
    const SignalsBlocked blocked;
    raise(SIGUSR1);
    EXPECT_EQ(handled, 0) << "blocked until the end of the block";
    pid = fork();
    if (pid == 0) {
      reset_signals();
      raise(SIGUSR1);  // ends the child
      _exit(0);
    }
  }
  EXPECT_EQ(handled, 1);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGUSR1);
  std::signal(SIGUSR1, before);
}

}  // namespace
}  // namespace kiln
