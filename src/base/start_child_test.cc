#include "base/start_child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include "base/child.h"

namespace kiln {
namespace {

int end_of(const Child& child) {
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// A shell with these words, and what it prints.
struct Shell {
  explicit Shell(std::string script) : words{"sh", "-c", std::move(script)}, argv(pointers_to(words)) {
    plan.program = "/bin/sh";
    plan.argv = argv.data();
    out = *pipe_from_child();
    plan.out = out.theirs.get();
  }

  std::string said() {
    Result<Child> child = start_child(plan);
    EXPECT_TRUE(child) << child.error().message;
    out.theirs.reset();
    std::string text;
    std::array<char, 256> chunk{};
    for (ssize_t got = 0; (got = read(out.ours.get(), chunk.data(), chunk.size())) > 0;)
      text.append(chunk.data(), static_cast<std::size_t>(got));
    if (child) end_of(*child);
    return text;
  }

  std::vector<std::string> words;
  std::vector<char*> argv;
  ChildPlan plan;
  Ends out;
};

TEST(StartChild, GivesItWhatIsPlannedAndNothingElse) {
  const Ends kept = *pipe_from_child();
  const Fd stray(fcntl(kept.theirs.get(), F_DUPFD, 100));  // would pass an exec
  const auto asks_for = [](const Fd& fd) {
    return "[ -e /proc/$$/fd/" + std::to_string(fd.get()) + " ] && echo there || echo gone; ";
  };
  Shell shell(asks_for(kept.theirs) + asks_for(kept.ours) + asks_for(stray) +
              "pwd; ulimit -c; read -r line || echo nothing");
  const std::array inherited{kept.theirs.get(), -1};
  shell.plan.inherited = inherited;
  shell.plan.directory = "/usr";
  EXPECT_EQ(shell.said(), "there\ngone\ngone\n/usr\n0\nnothing\n");
}

TEST(StartChild, TellsAtOnceWhyItIsNotTheProgram) {
  std::vector<std::string> words{"x"};
  const std::vector<char*> argv = pointers_to(words);
  ChildPlan plan{.program = "/nowhere/x", .argv = argv.data()};
  EXPECT_EQ(start_child(plan).error().message, "running /nowhere/x: No such file or directory");
  plan.directory = "/nowhere";
  EXPECT_EQ(start_child(plan).error().message, "entering its folder: No such file or directory");
  plan.directory = nullptr;
  plan.prepare = [] {
    errno = EPERM;
    return "giving up root";
  };
  EXPECT_EQ(start_child(plan).error().message, "giving up root: Operation not permitted");
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child that failed was not reaped";
}

TEST(StartChild, IsInTheGroupThatItIsPlannedFor) {
  const auto started = [](ChildPlan::Group group) {
    Shell shell("read -r line");
    Ends in = *pipe_to_child();
    shell.plan.in = in.theirs.get();
    shell.plan.group = group;
    const Child child = *start_child(shell.plan);
    const std::array found{getpgid(child.pid) == child.pid, getsid(child.pid) == child.pid};
    in.theirs.reset();
    in.ours.reset();
    end_of(child);
    return found;
  };
  EXPECT_EQ(started(ChildPlan::Group::callers), (std::array{false, false}));
  EXPECT_EQ(started(ChildPlan::Group::own), (std::array{true, false}));
  EXPECT_EQ(started(ChildPlan::Group::session), (std::array{true, true}));
}

TEST(StartChild, IgnoresWhatItsParentIgnoresOnlyWhenPlanned) {
  const auto before = signal(SIGHUP, SIG_IGN);
  const auto survives = [](bool keep) {
    Shell shell("kill -HUP $$; echo alive");
    shell.plan.keep_ignored_signals = keep;
    return shell.said() == "alive\n";
  };
  EXPECT_TRUE(survives(true));
  EXPECT_FALSE(survives(false));
  signal(SIGHUP, before);
}

TEST(StartChild, ThatDoesWorkOnlyIsReapedByItsCaller) {
  const pid_t pid = vfork_into([] { _exit(7); });
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

}  // namespace
}  // namespace kiln
