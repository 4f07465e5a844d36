// Real sandboxes: as root in both modes of root, as an ordinary user in that user's mode.
#include "runner/sandbox/sandbox.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/fs.h"
#include "runner/sandbox/modes_for_test.h"
#include "runner/sandbox/network/slirp.h"
#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

struct Ran {
  CommandEnd end;
  std::string out;
};

// How many processes of this machine have `marker` in their command line.
int processes_with(const std::string& marker) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    // One that ends meanwhile has none.
    const std::string text = read_file(entry.path() / "cmdline", 1U << 20U).value_or("");
    if (text.find(marker) != std::string::npos) ++count;
  }
  return count;
}

class SandboxTest : public ::testing::TestWithParam<IdentityMode> {
 protected:
  SandboxTest() {
    // What the build must not be able to reach by its own rights, and our own sandbox must nevertheless bind.
    chmod(root_.path().c_str(), 0700);
    sandbox_ = start(0, "b0");
  }

  std::unique_ptr<Sandbox> start(int slot, const std::string& name) {
    SandboxSpec spec;
    spec.slot = slot;
    spec.build_folder = root_.path() / name;
    spec.agent = KILN_AGENT_FILE;
    if (fs::exists(root_.path() / "mirror")) spec.mirror = root_.path() / "mirror";
    // Behind the wall wherever this user can have one.
    const model::NetworkMode network =
        check_slirp(GetParam()) ? model::NetworkMode::egress : model::NetworkMode::none;
    Result<std::unique_ptr<Sandbox>> started =
        Sandbox::start({.mode = GetParam(), .network = {.mode = network}}, spec);
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    return started ? std::move(*started) : nullptr;
  }

  static Ran run_in(Sandbox& sandbox, const std::string& shell,
                    std::vector<std::string> environment = {"PATH=/usr/local/bin:/usr/bin:/bin"}) {
    Ran ran;
    const Result<CommandEnd> end = sandbox.run(
        {.argv = {"/bin/sh", "-c", shell}, .environment = std::move(environment), .directory = kCheckout},
        [&ran](std::string_view text) { ran.out.append(text); });
    EXPECT_TRUE(end) << (end ? "" : end.error().message);
    if (end) ran.end = *end;
    return ran;
  }
  Ran run(const std::string& shell) { return run_in(*sandbox_, shell); }

  testing::TempDir root_;
  std::unique_ptr<Sandbox> sandbox_;
};

INSTANTIATE_TEST_SUITE_P(Modes, SandboxTest, ::testing::ValuesIn(modes()), mode_name);

TEST_P(SandboxTest, TellsExitCodesAndSignals) {
  EXPECT_EQ(run("exit 0").end.exit_code, 0);
  EXPECT_EQ(run("exit 7").end.exit_code, 7);
  EXPECT_EQ(run("kill -TERM $$").end.signal, SIGTERM);
  EXPECT_FALSE(run("exit 0").end.stopped);
}

TEST_P(SandboxTest, SaysWhyACommandCannotStart) {
  std::string out;
  const auto keep = [&out](std::string_view text) { out.append(text); };
  EXPECT_EQ(sandbox_->run({{"no-such-program"}, {"PATH=/usr/bin"}, kCheckout}, keep)->exit_code, 127);
  EXPECT_THAT(out, HasSubstr("no-such-program: No such file"));
  EXPECT_EQ(sandbox_->run({{"/bin/true"}, {}, "/nowhere"}, keep)->exit_code, 126);
  EXPECT_THAT(out, HasSubstr("/nowhere: No such file"));
  EXPECT_EQ(sandbox_->run({{std::string("a\0b", 3)}, {}, "/"}, keep).error().code, Errc::invalid);
}

TEST_P(SandboxTest, KeepsTheOrderOfBothStreams) {
  EXPECT_EQ(run("for i in 1 2 3; do echo o$i; echo e$i >&2; done").out, "o1\ne1\no2\ne2\no3\ne3\n");
}

TEST_P(SandboxTest, StreamsBigOutput) {
  std::size_t bytes = 0;
  std::size_t largest = 0;
  const Result<CommandEnd> end = sandbox_->run(
      {{"/bin/sh", "-c", "head -c 50000000 /dev/zero"}, {"PATH=/usr/bin"}, "/"}, [&](std::string_view text) {
        bytes += text.size();
        largest = std::max(largest, text.size());
      });
  ASSERT_TRUE(end);
  EXPECT_EQ(bytes, 50'000'000U);
  EXPECT_LE(largest, 131'072U);
}

TEST_P(SandboxTest, LeavesNoDaemonOfACommand) {
  const std::string marker = "86399." + std::to_string(getpid());
  const Ran ran = run("(setsid sh -c 'trap \"\" TERM HUP INT; (sleep " + marker + "; :) & sleep " + marker +
                      "; :' &) ; (sleep " + marker + " &) ; sleep " + marker + " & echo started");
  EXPECT_EQ(ran.out, "started\n");
  EXPECT_EQ(processes_with(marker), 0);
  EXPECT_EQ(run("echo still here").out, "still here\n");
}

TEST_P(SandboxTest, AStopFromAnotherThreadEndsHundredsOfProcesses) {
  const std::string marker = "86398." + std::to_string(getpid());
  std::jthread killer;
  std::chrono::steady_clock::time_point begun;
  std::string out;
  const Result<CommandEnd> end = sandbox_->run(
      {{"/bin/sh", "-c",
        "i=0; while [ $i -lt 500 ]; do sleep " + marker + " & i=$((i+1)); done; echo all; wait"},
       {"PATH=/usr/bin"},
       "/"},
      [&](std::string_view text) {
        out.append(text);
        if (out != "all\n") return;
        begun = std::chrono::steady_clock::now();
        killer = std::jthread([this] { sandbox_->stop(); });
      });
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_TRUE(end->stopped);
  sandbox_->close();
  const auto took = std::chrono::steady_clock::now() - begun;
  RecordProperty("ms", static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  EXPECT_EQ(processes_with(marker), 0);
  EXPECT_FALSE(fs::exists(root_.path() / "b0"));
}

TEST_P(SandboxTest, StoppedBeforeItIsReadyStillSaysStopped) {
  const auto other = start(1, "b1");
  other->stop();
  const Result<CommandEnd> end = other->run({{"/bin/true"}, {}, "/"}, [](std::string_view) {});
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->stopped);
}

TEST_P(SandboxTest, AStopAtAnyMomentOfTheStartLeavesNothing) {
  for (int delay_us = 0; delay_us < 20'000; delay_us += 1'000) {
    const auto other = start(1, "b1");
    std::jthread killer([&other, delay_us] {
      const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(delay_us);
      while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
      other->stop();
    });
    const Result<CommandEnd> end =
        other->run({{"/bin/sh", "-c", "sleep 60"}, {"PATH=/usr/bin"}, "/"}, [](std::string_view) {});
    ASSERT_TRUE(end) << end.error().message;
    EXPECT_TRUE(end->stopped);
    killer.join();
    const auto begun = std::chrono::steady_clock::now();
    other->close();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
  }
}

TEST_P(SandboxTest, ClosingAtOnceLeavesNothing) {
  auto other = start(1, "b1");
  other->close();
  other->close();
  EXPECT_FALSE(fs::exists(root_.path() / "b1"));
  EXPECT_EQ(other->run({{"/bin/true"}, {}, "/"}, [](std::string_view) {}).error().code, Errc::unavailable);
}

TEST_P(SandboxTest, RemovesFoldersTheBuildClosed) {
  EXPECT_EQ(run("mkdir -p a/b/c ~/x /tmp/t; touch a/b/c/f; chmod 000 a/b/c a/b a . /tmp/t").end.exit_code, 0);
  sandbox_->close();
  EXPECT_FALSE(fs::exists(root_.path() / "b0"));
}

TEST_P(SandboxTest, TheHostsDataAndOtherBuildsAreInvisible) {
  std::ofstream(root_.path() / "secret") << "do-not-read";
  const auto other = start(1, "b1");
  EXPECT_EQ(run_in(*other, "echo mine > file; cat file").out, "mine\n");
  const std::string data = root_.path();
  const Ran ran = run("cat " + data + "/secret /proc/1/root" + data + "/secret " + data +
                      "/b1/repo/file; ls /root /var /home");
  EXPECT_THAT(ran.out, Not(HasSubstr("do-not-read")));
  EXPECT_THAT(ran.out, Not(HasSubstr("mine")));
  EXPECT_NE(ran.end.exit_code, 0);
}

TEST_P(SandboxTest, SeesOnlyItsOwnProcesses) {
  EXPECT_EQ(run("ls -d /proc/" + std::to_string(getpid()) + " 2>/dev/null | wc -l").out, "0\n");
  EXPECT_EQ(run("kill -9 " + std::to_string(getpid()) + " 2>/dev/null").end.exit_code, 1);
}

TEST_P(SandboxTest, NothingOfTheLaunchersEnvironmentIsVisible) {
  setenv("KILN_TEST_SECRET", "hunter2", 1);
  const auto other = start(1, "b1");
  EXPECT_THAT(run_in(*other, "cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; env").out,
              Not(HasSubstr("hunter2")));
  unsetenv("KILN_TEST_SECRET");
}

TEST_P(SandboxTest, TheEnvironmentIsExactlyTheGivenOne) {
  std::string out;
  const Result<CommandEnd> end = sandbox_->run({{"env"}, {"PATH=/usr/bin", "A=1", "B=two words"}, "/"},
                                               [&out](std::string_view text) { out.append(text); });
  ASSERT_TRUE(end);
  EXPECT_EQ(out, "PATH=/usr/bin\nA=1\nB=two words\n");
}

TEST_P(SandboxTest, NoDescriptorLeaksIn) {
  const int leaked = open("/etc/hostname", O_RDONLY);  // deliberately without O_CLOEXEC
  const auto other = start(1, "b1");
  EXPECT_EQ(run_in(*other, "for f in /proc/self/fd/*; do echo ${f##*/}; done | sort -n | tr '\\n' ' '")
                .out.substr(0, 5),
            "0 1 2");
  const Ran ran =
      run_in(*other, "ls /proc/self/fd | wc -l; ls -l /proc/1/fd /proc/2/fd 2>/dev/null | grep -c hostname");
  EXPECT_EQ(ran.out, "4\n0\n");  // 0 1 2 and ls's own folder
  close(leaked);
}

TEST_P(SandboxTest, DangerousCallsAreRefused) {
  ASSERT_EQ(run("true").end.exit_code, 0);
  fs::copy_file(KILN_PROBE_FILE, root_.path() / "b0/repo/probe");
  chmod((root_.path() / "b0/repo/probe").c_str(), 0755);
  const std::string out = run("./probe").out;
  for (const char* call : {"keyctl", "add_key", "unshare", "mount", "ptrace", "clone_newuser", "vsock",
                           "packet", "tiocsti", "tiocsti_high", "mknod"}) {
    EXPECT_THAT(out, HasSubstr(std::string(call) + "=EPERM"));
  }
  for (const char* call : {"clone3", "io_uring", "bpf", "userfaultfd"}) {
    EXPECT_THAT(out, HasSubstr(std::string(call) + "=ENOSYS"));
  }
  EXPECT_THAT(out, Not(HasSubstr("setuid=OK")));
  EXPECT_THAT(out, HasSubstr("inet=OK"));
}

TEST_P(SandboxTest, OnlyTheBuildsOwnFoldersAreWritable) {
  const std::string probe =
      "for p in / /usr /etc /dev /opt /opt/kiln /proc/sys/kernel; do touch $p/x 2>/dev/null && echo $p; "
      "done; for p in /opt/buildhome /opt/buildhome/repo /tmp /run /dev/shm; do touch $p/x || echo not $p; "
      "done";
  EXPECT_EQ(run(probe).out, "");
  EXPECT_NE(run("( : >> /proc/sys/kernel/core_pattern ) 2>/dev/null").end.exit_code, 0);
  EXPECT_NE(run("( : >> /opt/kiln/agent ) 2>/dev/null").end.exit_code, 0);
}

TEST_P(SandboxTest, TheMirrorIsReadOnly) {
  fs::create_directory(root_.path() / "mirror");
  std::ofstream(root_.path() / "mirror/HEAD") << "ref";
  const auto other = start(1, "b1");
  EXPECT_EQ(
      run_in(*other, "cat /opt/kiln/mirror/HEAD; touch /opt/kiln/mirror/x 2>/dev/null || echo read-only").out,
      "refread-only\n");
}

TEST_P(SandboxTest, HasNoPrivilegeAndNoWayToOne) {
  const std::string out = run("cat /proc/self/status").out;
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd"}) {
    EXPECT_THAT(out, HasSubstr(std::string(set) + ":\t0000000000000000"));
  }
  EXPECT_THAT(out, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(out, HasSubstr("Seccomp:\t2"));
  EXPECT_THAT(run("ulimit -c; ulimit -Hc").out, "0\n0\n");
}

TEST_P(SandboxTest, BuildsAsAnUnprivilegedUid) {
  const unsigned host = GetParam() == IdentityMode::own_uid ? geteuid() : 61000;
  const unsigned inside = GetParam() == IdentityMode::pool_uid_without_userns ? 61000 : 1000;
  EXPECT_EQ(run("id -u; id -un; touch owned").out, std::to_string(inside) + "\nbuildhome\n");
  struct stat info {};
  ASSERT_EQ(stat((root_.path() / "b0/repo/owned").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, host);
  EXPECT_NE(info.st_uid, 0U);
}

TEST_P(SandboxTest, TheAgentIsOutOfTheBuildsReach) {
  EXPECT_EQ(run("ls /proc/2/fd >/dev/null 2>&1; echo $?; cat /proc/2/environ >/dev/null 2>&1; echo $?").out,
            "2\n1\n");
}

TEST_P(SandboxTest, ACommandThatKillsTheAgentEndsTheSandboxAndNothingElse) {
  const Result<CommandEnd> end = sandbox_->run(
      {{"/bin/sh", "-c", "kill -9 2; sleep 60"}, {"PATH=/usr/bin"}, "/"}, [](std::string_view) {});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::unavailable);
}

TEST_P(SandboxTest, NodeRuns) {
  EXPECT_EQ(run("node -e 'new Worker(\"console.log(1+1)\", {eval: true})' 2>/dev/null; "
                "node -e 'const {Worker}=require(\"worker_threads\"); new Worker(\"console.log(6*7)\", "
                "{eval: true})'")
                .out,
            "42\n");
}

TEST(SandboxProbe, FindsAModeHere) {
  const model::NetworkMode network =
      check_slirp(modes().front()) ? model::NetworkMode::egress : model::NetworkMode::none;
  const Result<SandboxHost> host = probe_sandbox(KILN_AGENT_FILE, {.mode = network});
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_EQ(host->mode, geteuid() == 0 ? IdentityMode::pool_uid : IdentityMode::own_uid);
}

TEST(SandboxProbe, RefusesInClearWords) {
  const Result<SandboxHost> host = probe_sandbox("/nowhere/kiln-agent", {});
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().code, Errc::unavailable);
  EXPECT_THAT(host.error().message, HasSubstr("/nowhere/kiln-agent"));
}

TEST(SandboxStart, RootNeverBuildsAsRoot) {
  if (geteuid() != 0) return;
  const testing::TempDir root;
  SandboxSpec spec;
  spec.build_folder = root.path() / "b";
  spec.agent = KILN_AGENT_FILE;
  EXPECT_FALSE(Sandbox::start({.mode = IdentityMode::own_uid}, spec));
}

TEST(SandboxStart, PassesOnWhatBubblewrapSays) {
  const testing::TempDir root;
  SandboxSpec spec;
  spec.build_folder = root.path() / "b";
  spec.mirror = root.path() / "no-mirror";
  spec.agent = KILN_AGENT_FILE;
  auto started = Sandbox::start({.mode = modes().back()}, spec);
  ASSERT_TRUE(started);
  const Result<CommandEnd> end = (*started)->run({{"/bin/true"}, {}, "/"}, [](std::string_view) {});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::unavailable);
  EXPECT_THAT(end.error().message, HasSubstr("no-mirror"));
}

}  // namespace
}  // namespace kiln::runner
