// Real limits on real sandboxes: whoever is root here has cgroups and loop devices, and whoever is not has
// what the machine gives.
#include "runner/sandbox/limits/limits.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/strings.h"
#include "runner/sandbox/limits/cgroup_files.h"
#include "runner/sandbox/limits/keeper.h"
#include "runner/sandbox/network/slirp.h"
#include "runner/sandbox/sandbox.h"
#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr std::uint64_t kMiB = 1U << 20U;

// How many names below the places of our cgroups begin with "kiln-".
int groups_of(const LimitKeeper& keeper) {
  int count = 0;
  std::set<fs::path> places;
  for (const auto& [controller, place] : keeper.cgroups().places) places.insert(place);
  for (const fs::path& place : places) {
    for (const auto& entry : fs::directory_iterator(place)) {
      if (entry.path().filename().native().starts_with(keeper.prefix())) ++count;
    }
  }
  return count;
}

int mounts_below(const fs::path& folder) {
  int count = 0;
  for (const std::string& line : split(read_control("/proc/self/mountinfo").value_or(""), '\n')) {
    if (line.find(folder.string() + "/") != std::string::npos) ++count;
  }
  return count;
}

// "7:3", the device of the checkout in a build's own mountinfo.
std::string device_of(const std::string& mountinfo) {
  for (const std::string& line : split(mountinfo, '\n')) {
    const std::vector<std::string> words = split(line, ' ');
    if (words.size() > 4 && words[4] == kCheckout) return words[2];
  }
  return {};
}

class LimitsTest : public ::testing::Test {
 protected:
  LimitsTest() {
    static const bool own_mounts = geteuid() == 0 && enter_own_mounts().has_value();
    (void)own_mounts;
    setup_.limits.disk = 64 * kMiB;
    setup_.root = root_.path();
    setup_.builds = root_.path() / "builds";
    EXPECT_TRUE(make_directory(setup_.builds, 0711));
  }

  void open() {
    Result<std::unique_ptr<LimitKeeper>> opened = LimitKeeper::open(setup_);
    ASSERT_TRUE(opened) << opened.error().message;
    keeper_ = std::move(*opened);
  }
  // Skips where this machine has no such controller, which it says.
  void open_with(const std::string& controller) {
    open();
    if (!keeper_->cgroups().has(controller)) {
      GTEST_SKIP() << ::testing::PrintToString(keeper_->unenforced());
    }
  }
  void open_with_disk() {
    setup_.limits.disk_mode = DiskMode::loop;
    Result<std::unique_ptr<LimitKeeper>> opened = LimitKeeper::open(setup_);
    if (!opened) GTEST_SKIP() << opened.error().message;
    keeper_ = std::move(*opened);
  }

  std::unique_ptr<Sandbox> start(const std::string& name = "build") {
    static const Result<SandboxHost> host = probe_sandbox(KILN_AGENT_FILE, model::NetworkSettings{});
    EXPECT_TRUE(host) << host.error().message;
    SandboxSpec spec;
    spec.build_folder = setup_.builds / name;
    spec.slot = name == "build" ? 0 : 1;
    spec.agent = KILN_AGENT_FILE;
    spec.limits = keeper_.get();
    Result<std::unique_ptr<Sandbox>> started = Sandbox::start(*host, spec);
    EXPECT_TRUE(started) << started.error().message;
    return started ? std::move(*started) : nullptr;
  }

  Result<CommandEnd> run(Sandbox& sandbox, const std::string& shell) {
    out_.clear();
    return sandbox.run({.argv = {"/bin/sh", "-c", shell},
                        .environment = {"PATH=/usr/local/bin:/usr/bin:/bin"},
                        .directory = kCheckout},
                       [this](std::string_view text) { out_.append(text); });
  }

  testing::TempDir root_;
  LimitKeeper::Setup setup_;
  std::unique_ptr<LimitKeeper> keeper_;
  std::string out_;
};

constexpr const char* kHog = "python3 -c 'x = bytearray(400 << 20)'";

TEST_F(LimitsTest, AMemoryHogIsEndedAndCounted) {
  setup_.limits.memory = 128 * kMiB;
  open_with("memory");
  if (IsSkipped()) return;
  const auto sandbox = start();
  const Result<CommandEnd> end = run(*sandbox, std::string(kHog) + "; echo after");
  const Harm harm = sandbox->harm();
  EXPECT_GE(harm.memory_kills, 1U);
  if (end) {
    EXPECT_EQ(out_, "Killed\nafter\n") << "the shell outlives it where the group is not ended as one";
    EXPECT_FALSE(harm.whole_build);
  } else {
    EXPECT_TRUE(harm.whole_build) << end.error().message;
  }
  EXPECT_GE(sandbox->usage().memory_peak.value_or(0), 100 * kMiB);
  EXPECT_LE(sandbox->usage().memory_peak.value_or(0), 128 * kMiB);
}

TEST_F(LimitsTest, WhatIsInTmpfsCountsAsMemory) {
  setup_.limits.memory = 64 * kMiB;
  open_with("memory");
  if (IsSkipped()) return;
  const auto sandbox = start();
  (void)run(*sandbox, "head -c 200000000 /dev/zero > /dev/shm/big; ls /dev/shm");
  EXPECT_GE(sandbox->harm().memory_kills, 1U);
}

// By name, of those in the groups below our places that `controller` limits.
std::set<std::string> names_in_groups(const LimitKeeper& keeper, const std::string& controller) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(keeper.cgroups().places.at(controller))) {
    if (!entry.path().filename().native().starts_with(keeper.prefix())) continue;
    for (const int process : read_processes(entry.path() / "cgroup.procs"))
      names.insert(std::string(trim(read_control(fmt::format("/proc/{}/comm", process)).value_or(""))));
  }
  return names;
}

TEST_F(LimitsTest, TheNetworkStackIsLimitedAndCountedWithItsBuild) {
  setup_.limits.memory = 128 * kMiB;
  open_with("memory");
  if (IsSkipped()) return;
  const IdentityMode mode = probe_sandbox(KILN_AGENT_FILE, model::NetworkSettings{})->mode;
  if (const Status there = check_slirp(mode); !there) GTEST_SKIP() << there.error().message;
  const auto sandbox = start();
  ASSERT_TRUE(run(*sandbox, "true"));
  for (const auto& [controller, place] : keeper_->cgroups().places)
    EXPECT_TRUE(names_in_groups(*keeper_, controller).contains("slirp4netns")) << controller;
  // Running out of memory ends a process of the build's, not what the build reaches the outside through.
  const bool goes_on = run(*sandbox, std::string(kHog) + "; true").has_value();
  if (goes_on && geteuid() == 0) {
    EXPECT_TRUE(names_in_groups(*keeper_, "memory").contains("slirp4netns"));
  }
  sandbox->close();
  EXPECT_EQ(groups_of(*keeper_), 0);
}

TEST_F(LimitsTest, AForkBombIsRefusedForksAndCounted) {
  setup_.limits.processes = 64;
  open_with("pids");
  if (IsSkipped()) return;
  const auto sandbox = start();
  const Result<CommandEnd> end =
      run(*sandbox,
          "python3 - <<'EOF'\nimport os, time\nfor i in range(300):\n  try:\n    if os.fork() == 0: "
          "time.sleep(60)\n  except OSError as e: print(e.errno)\nEOF\n");
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_THAT(out_, HasSubstr("11\n")) << "EAGAIN";
  EXPECT_GE(sandbox->harm().forks_refused, 200U);
  EXPECT_FALSE(sandbox->harm().whole_build);
  EXPECT_LE(sandbox->usage().processes_peak.value_or(0), 64U);
}

TEST_F(LimitsTest, CpuTimeAndWrittenBytesAreCounted) {
  open();
  const auto sandbox = start();
  ASSERT_TRUE(
      run(*sandbox, "python3 -c 'x=0\nfor i in range(2000000): x+=i'; head -c 9000000 /dev/zero > f"));
  EXPECT_GE(sandbox->usage().cpu_us.value_or(0), 20'000U);
  EXPECT_GE(sandbox->usage().written.value_or(0), 9'000'000U);
  EXPECT_LE(sandbox->usage().written.value_or(0), 30'000'000U);
  EXPECT_GT(sandbox->usage().memory_peak.value_or(0), kMiB);
}

TEST_F(LimitsTest, ACpuQuotaIsKept) {
  setup_.limits.cpus = 0.25;
  open_with("cpu");
  if (IsSkipped()) return;
  const auto sandbox = start();
  // Its own clock tells: a second of wall time is a quarter of CPU time, whatever else runs here.
  ASSERT_TRUE(run(*sandbox,
                  "python3 -c 'import time\nt=time.time()\nwhile time.time()-t<1: "
                  "pass\nprint(int(time.process_time()*1000))'"));
  EXPECT_LE(std::stoi("0" + out_), 450);
}

TEST_F(LimitsTest, ADiskFillsUpAndTheHostDoesNot) {
  open_with_disk();
  if (IsSkipped()) return;
  const auto sandbox = start();
  const Result<CommandEnd> end = run(*sandbox, "head -c 200000000 /dev/zero > big; ls -s big >/dev/null");
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_THAT(out_, HasSubstr("No space left on device"));
  EXPECT_TRUE(sandbox->harm().disk_full);
  EXPECT_FALSE(sandbox->harm().whole_build);
  EXPECT_THAT(run(*sandbox, "rm big; echo ok > /tmp/x; cat /tmp/x")->exit_code, 0);
  EXPECT_FALSE(sandbox->harm().disk_full);
}

TEST_F(LimitsTest, ADiskRunsOutOfFiles) {
  open_with_disk();
  if (IsSkipped()) return;
  const auto sandbox = start();
  const Result<CommandEnd> end =
      run(*sandbox,
          "python3 - <<'EOF'\nn=0\ntry:\n  while n < 50000: open('f%d' % n, 'w').close(); n+=1\n"
          "except OSError as e: print(e.errno, n)\nEOF\n");
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_THAT(out_, HasSubstr("28 ")) << "ENOSPC";
  EXPECT_TRUE(sandbox->harm().files_full);
}

TEST_F(LimitsTest, NothingOfADiskStaysBehindNotEvenOfOneNeverUsed) {
  open_with_disk();
  if (IsSkipped()) return;
  {
    const auto sandbox = start();
    ASSERT_TRUE(run(*sandbox, "head -c 20000000 /dev/zero > f; mkdir -p a/b; chmod 000 a"));
  }
  keeper_.reset();
  EXPECT_EQ(mounts_below(setup_.builds), 0);
  EXPECT_TRUE(fs::is_empty(setup_.builds));
}

// A build that started while another's disk was mounted has a copy of that mount in its launcher's namespace.
TEST_F(LimitsTest, ABuildDoesNotKeepTheDiskOfAnother) {
  open_with_disk();
  if (IsSkipped()) return;
  auto quick = start();
  ASSERT_TRUE(run(*quick, "cat /proc/self/mountinfo"));
  EXPECT_EQ(out_.find("/builds/"), std::string::npos) << "no path of the host shows";
  const std::string device = device_of(out_);
  const fs::path file = "/sys/dev/block/" + device + "/loop/backing_file";
  const std::optional<std::string> image = read_control(file);
  ASSERT_TRUE(image) << device;
  const auto slow = start();
  ASSERT_TRUE(run(*slow, "true"));
  quick.reset();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (read_control(file) == image && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_NE(read_control(file), image) << "the device is free although the other build goes on";
  ASSERT_TRUE(run(*slow, "true"));
}

TEST_F(LimitsTest, ABuildThatIsOnlyLookedAtIsEndedOverItsLimit) {
  setup_.limits.disk_mode = DiskMode::poll;
  setup_.limits.disk = 4 * kMiB;
  setup_.disk_interval = milliseconds(20);
  open();
  const auto sandbox = start();
  const Result<CommandEnd> end =
      run(*sandbox, "for i in 1 2 3 4 5 6; do head -c 2000000 /dev/urandom > f$i; done; sleep 300");
  ASSERT_FALSE(end);
  EXPECT_TRUE(sandbox->harm().disk_over);
  EXPECT_TRUE(sandbox->harm().whole_build);
  EXPECT_THAT(keeper_->unenforced(), ::testing::Contains(HasSubstr("not enforced")));
}

TEST_F(LimitsTest, TheBuildThatHoldsMostIsEndedForTheHostsDisk) {
  open();
  EXPECT_FALSE(keeper_->end_largest()) << "none runs";
  const auto small = start();
  const auto large = start("large");
  ASSERT_TRUE(run(*small, "echo small > f"));
  ASSERT_TRUE(run(*large, "head -c 20000000 /dev/urandom > f"));
  EXPECT_TRUE(keeper_->end_largest());
  EXPECT_FALSE(keeper_->end_largest()) << "one is still on its way out";
  EXPECT_FALSE(run(*large, "true"));
  EXPECT_TRUE(large->harm().host_disk_low && large->harm().whole_build);
  EXPECT_FALSE(large->harm().network_lost);
  EXPECT_FALSE(small->harm().host_disk_low);
  EXPECT_TRUE(run(*small, "true"));
  large->close();
  EXPECT_TRUE(keeper_->end_largest());
  EXPECT_TRUE(small->harm().host_disk_low);
}

TEST_F(LimitsTest, FiveHundredChildrenAreGoneAndSoIsTheirGroup) {
  open();
  auto sandbox = start();
  std::thread stopper;
  std::chrono::steady_clock::time_point asked;
  const Result<CommandEnd> end = sandbox->run(
      {.argv =
           {"/bin/sh", "-c",
            "python3 -c 'import os,time\nfor i in range(500):\n  if os.fork()==0:\n    if i%2: os.setsid()\n"
            "    time.sleep(600)\nprint(\"up\",flush=True)\ntime.sleep(600)'"},
       .environment = {"PATH=/usr/bin:/bin"},
       .directory = kCheckout},
      [&](std::string_view text) {
        if (text.find("up") == std::string_view::npos) return;
        asked = std::chrono::steady_clock::now();
        stopper = std::thread([&] { sandbox->stop(); });
      });
  if (stopper.joinable()) stopper.join();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->stopped);
  sandbox->close();
  RecordProperty(
      "gone_ms",
      static_cast<int>(
          std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - asked).count()));
  EXPECT_EQ(groups_of(*keeper_), 0);
  EXPECT_FALSE(fs::exists(setup_.builds / "build"));
}

// A runner in a process of its own, killed with a build under way; then another opens its root.
TEST_F(LimitsTest, ARestartedRunnerSweepsWhatAKilledOneLeft) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe2(pipe_ends.data(), O_CLOEXEC), 0);
  const pid_t runner = fork();
  ASSERT_GE(runner, 0);
  if (runner == 0) {
    const Result<RootLock> lock = RootLock::take(setup_.root);
    open();
    const auto sandbox = lock && keeper_ ? start() : nullptr;
    if (sandbox == nullptr) _exit(1);
    (void)sandbox->run({.argv = {"/bin/sh", "-c", "(setsid sleep 987 &) ; echo up; sleep 987"},
                        .environment = {"PATH=/usr/bin:/bin"},
                        .directory = kCheckout},
                       [&](std::string_view) { (void)!write(pipe_ends[1], "x", 1); });
    _exit(1);
  }
  close(pipe_ends[1]);
  char up = 0;
  ASSERT_EQ(read(pipe_ends[0], &up, 1), 1);
  close(pipe_ends[0]);
  EXPECT_EQ(RootLock::take(setup_.root, milliseconds(0)).error().code, Errc::conflict);
  EXPECT_FALSE(fs::is_empty(setup_.builds));
  kill(runner, SIGKILL);
  waitpid(runner, nullptr, 0);

  const Result<RootLock> lock = RootLock::take(setup_.root);
  ASSERT_TRUE(lock) << lock.error().message;
  setup_.limits.disk_mode = DiskMode::none;
  open();
  EXPECT_EQ(groups_of(*keeper_), 0);
  EXPECT_EQ(mounts_below(setup_.builds), 0);
  EXPECT_TRUE(fs::is_empty(setup_.builds));
}

TEST_F(LimitsTest, RunnersOfOtherRootsAreLeftAlone) {
  open_with("pids");
  if (IsSkipped()) return;
  const auto sandbox = start();
  ASSERT_TRUE(run(*sandbox, "true"));
  const testing::TempDir elsewhere;
  LimitKeeper::Setup other = setup_;
  other.root = elsewhere.path();
  other.builds = elsewhere.path() / "builds";
  ASSERT_TRUE(make_directory(other.builds, 0711));
  ASSERT_TRUE(LimitKeeper::open(other));
  EXPECT_GE(groups_of(*keeper_), 1);
  ASSERT_TRUE(run(*sandbox, "echo alive"));
  EXPECT_EQ(out_, "alive\n");
}

TEST_F(LimitsTest, WithoutCgroupsEachProcessIsLimitedAndThatIsSaid) {
  const fs::path nothing = root_.path() / "nothing";
  ASSERT_TRUE(write_file_durably(nothing, "", 0600));
  setup_.cgroups = {.own_cgroups = nothing, .mounts = nothing, .is_ours = {}};
  setup_.limits.memory = 256 * kMiB;
  open();
  EXPECT_THAT(keeper_->unenforced(), ::testing::Contains(HasSubstr("no cgroup file system is mounted")));
  const auto sandbox = start();
  ASSERT_TRUE(run(*sandbox, std::string(kHog) + " 2>&1 | tail -1"));
  EXPECT_EQ(out_, "MemoryError\n");
  EXPECT_GE(sandbox->usage().cpu_us.value_or(0), 1'000U);
  EXPECT_EQ(sandbox->harm().memory_kills, 0U);
}

}  // namespace
}  // namespace kiln::runner
