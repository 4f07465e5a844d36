// One real build: a repository on disk, real git, a real sandbox, our agent; only the server is a double.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/fakes_for_test.h"
#include "testing/known_names.h"
#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

using ::testing::Contains;

class RealSandboxes final : public Sandboxes {
 public:
  explicit RealSandboxes(const SandboxHost& host) : host_(host) {}
  Result<std::unique_ptr<Sandbox>> start(const SandboxSpec& spec) override {
    return Sandbox::start(host_, spec);
  }

 private:
  SandboxHost host_;
};

class EndToEnd : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto agent = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "kiln-agent";
    const Result<SandboxHost> host = probe_sandbox(agent, {});
    if (!host) GTEST_SKIP() << host.error().message;
    agent_ = agent;
    host_ = *host;
    for (const char* folder : {"builds", "mirrors", "tools"}) {
      ASSERT_TRUE(make_directory(folder_.path() / folder, 0711));
    }
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0711));
    ASSERT_TRUE(write_file_durably(folder_.path() / "make-repo.sh",
                                   "set -e\ncd \"$1\"\ngit init -q -b main repo\ncd repo\nmkdir -p apps/web\n"
                                   "echo hello > apps/web/greeting\ngit add -A\n"
                                   "git -c user.name=t -c user.email=t@example.com commit -q -m first\n"
                                   "git rev-parse HEAD\n",
                                   0600));
    ProcessSpec spec;
    spec.argv = {"/bin/sh", (folder_.path() / "make-repo.sh").string(), folder_.path().string()};
    spec.environment = {"PATH=/usr/bin:/bin", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1"};
    const Result<ProcessEnd> made = processes_.run(spec);
    ASSERT_TRUE(made && made->ok()) << made->err;
    job_.commit_hash = made->out.substr(0, 40);
    job_.build_uuid = Uuid::parse("aaaaaaaa-1111-4111-8111-111111111111").value();
    job_.clone_url = (folder_.path() / "repo").string();
    job_.branch = "main";
    job_.root_directory = "apps/web";
    job_.worker_name = "hello";
  }

  void run() {
    RealSandboxes sandboxes(host_);
    fakes::ValueTools tools;
    SystemClock clock;
    testing::KnownNames names;
    scm::Git git(processes_, folder_.path() / "mirrors", *scm::Reach::make({}, names));
    const Workshop workshop{
        clock,
        server_,
        sandboxes,
        tools,
        [&](const model::JobSpec& job) {
          return std::make_unique<GitSource>(git, clock, scm::Remote{job.clone_url, {}}, SourceReach{});
        },
        folder_.path() / "builds",
        folder_.path() / "tools",
        agent_,
        {}};
    Slot slot(workshop, 0);
    slot.run(job_, stop_);
  }

  std::string whole_log() {
    std::string text;
    for (const std::string& line : server_.log()) text += line + "\n";
    return text;
  }

  testing::TempDir folder_;
  SystemProcesses processes_;
  std::filesystem::path agent_;
  SandboxHost host_;
  fakes::Server server_;
  model::JobSpec job_;
  StopSwitch stop_;
};

TEST_F(EndToEnd, ACommitIsBuiltInItsSandboxWithAUsableGitFolder) {
  job_.build_command =
      "cat greeting; git rev-parse HEAD; git status --porcelain; git remote get-url origin; echo $CI; "
      "git fetch -q origin main --tags && git rev-parse --abbrev-ref origin/HEAD && "
      "echo base $(git merge-base main origin/main)";
  run();
  ASSERT_EQ(server_.ends.size(), 1U) << whole_log();
  EXPECT_EQ(server_.ends[0].outcome, model::BuildOutcome::success) << whole_log();
  for (const std::string& line :
       {std::string("hello"), job_.commit_hash, std::string("/opt/kiln/mirror"), std::string("true"),
        std::string("origin/main"), "base " + job_.commit_hash}) {
    EXPECT_THAT(server_.log(), Contains(line)) << whole_log();
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "builds")) << "nothing of the build stays";
}

TEST_F(EndToEnd, AFailureAndASignalAreToldAsTheyHappened) {
  job_.build_command = "echo about to fail >&2; exit 7";
  run();
  EXPECT_EQ(server_.ends.at(0).outcome, model::BuildOutcome::fail);
  EXPECT_TRUE(server_.has_line("exit code 7")) << whole_log();
  job_.build_command = "kill -SEGV $$";
  run();
  EXPECT_TRUE(server_.has_line("signal 11")) << whole_log();
}

TEST_F(EndToEnd, TheTimeLimitKillsWhateverTheCommandStarted) {
  job_.build_command = "echo before; (setsid sleep 300 &); sleep 300";
  job_.timeout_ms = 5'000;
  run();
  ASSERT_EQ(server_.ends.size(), 1U) << whole_log();
  EXPECT_EQ(server_.ends[0].outcome, model::BuildOutcome::terminated);
  EXPECT_THAT(server_.log(), Contains("before")) << whole_log();
  EXPECT_THAT(server_.log(), Contains("Build was timed out"));
}

}  // namespace
}  // namespace kiln::runner
