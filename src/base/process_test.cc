#include "base/process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace kiln {
namespace {

ProcessSpec shell(const std::string& script) {
  ProcessSpec spec;
  spec.argv = {"sh", "-c", script};
  spec.environment = {"PATH=/usr/bin:/bin"};
  return spec;
}

TEST(Process, CapturesBothStreamsAndTheExitCode) {
  SystemProcesses processes;
  const auto end = processes.run(shell("echo out; echo err >&2; exit 7"));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->out, "out\n");
  EXPECT_EQ(end->err, "err\n");
  EXPECT_EQ(end->exit_code, 7);
  EXPECT_FALSE(end->ok());
}

TEST(Process, GivesOnlyTheNamedEnvironment) {
  SystemProcesses processes;
  ProcessSpec spec;
  spec.argv = {"env"};
  spec.environment = {"A=1"};
  const auto end = processes.run(spec);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->out, "A=1\n");
}

TEST(Process, PassesInputLargerThanAPipe) {
  SystemProcesses processes;
  ProcessSpec spec;
  spec.argv = {"cat"};
  spec.input = std::string(3U << 20U, 'x');
  const auto end = processes.run(spec);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->out, spec.input);
}

TEST(Process, SurvivesAChildThatDoesNotReadItsInput) {
  SystemProcesses processes;
  ProcessSpec spec = shell("exec 0<&-; echo done");
  spec.input = std::string(1U << 20U, 'x');
  const auto end = processes.run(spec);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->out, "done\n");
  EXPECT_TRUE(end->ok());
}

TEST(Process, KeepsNoMoreThanMaxOutputButLetsTheChildEnd) {
  SystemProcesses processes;
  ProcessSpec spec = shell("head -c 1000000 /dev/zero; exit 3");
  spec.max_output = 1000;
  const auto end = processes.run(spec);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->out.size(), 1000U);
  EXPECT_TRUE(end->truncated);
  EXPECT_EQ(end->exit_code, 3);
}

TEST(Process, KillsTheWholeGroupAtTheDeadline) {
  SystemProcesses processes;
  ProcessSpec spec = shell("sleep 100 & sleep 100");
  spec.timeout_ms = 50;
  const auto began = std::chrono::steady_clock::now();
  const auto end = processes.run(spec);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->timed_out);
  EXPECT_FALSE(end->ok());
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
}

TEST(Process, EndAllEndsWhatRunsAndWhatIsStartedLater) {
  SystemProcesses processes;
  std::thread ender([&] { processes.end_all(); });
  const auto first = processes.run(shell("sleep 600"));
  ender.join();
  const auto second = processes.run(shell("sleep 600"));
  for (const auto& end : {first, second}) {
    ASSERT_TRUE(end);
    EXPECT_TRUE(end->timed_out);
  }
}

TEST(Process, DoesNotWaitForABackgroundChildHoldingTheOutput) {
  SystemProcesses processes;
  const auto began = std::chrono::steady_clock::now();
  const auto end = processes.run(shell("sleep 100 & echo started"));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->out, "started\n");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
}

TEST(Process, ReportsTheSignal) {
  SystemProcesses processes;
  const auto end = processes.run(shell("kill -TERM $$"));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->signal, SIGTERM);
  EXPECT_FALSE(end->ok());
}

TEST(Process, RunsInTheNamedDirectory) {
  SystemProcesses processes;
  ProcessSpec spec = shell("pwd");
  spec.directory = "/usr";
  const auto end = processes.run(spec);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->out, "/usr\n");
}

TEST(Process, SaysWhyAProgramCannotStart) {
  SystemProcesses processes;
  ProcessSpec missing;
  missing.argv = {"no-such-program-of-kiln"};
  const auto unknown = processes.run(missing);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Errc::io);
  ProcessSpec nowhere = shell("true");
  nowhere.directory = "/no/such/folder";
  const auto homeless = processes.run(nowhere);
  ASSERT_FALSE(homeless);
  EXPECT_EQ(homeless.error().code, Errc::io);
  EXPECT_NE(homeless.error().message.find("No such file"), std::string::npos);
}

TEST(Process, InheritsNoDescriptorAndLeavesNoZombie) {
  SystemProcesses processes;
  const auto end = processes.run(shell("ls /proc/self/fd | wc -l"));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->out, "4\n");  // 0, 1, 2 and the folder ls reads
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace kiln
