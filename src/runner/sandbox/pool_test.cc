// Sandboxes that were there before their build: what they are lent, and that nothing is left of those that
// nobody used. Root only, as the pool prepares nothing for others.
#include "runner/sandbox/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/strings.h"
#include "runner/sandbox/limits/cgroup_files.h"
#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "sandboxes are prepared for root alone";
    static const bool own_mounts = enter_own_mounts().has_value();
    (void)own_mounts;
    setup_.limits.disk = 64U << 20U;
    setup_.root = root_.path();
    setup_.builds = root_.path() / "builds";
    for (const char* name : {"builds", "mirror", "other", "cache"})
      ASSERT_TRUE(make_directory(root_.path() / name, 0755));
    std::ofstream(root_.path() / "mirror" / "HEAD") << "first\n";
    std::ofstream(root_.path() / "other" / "HEAD") << "second\n";
    Result<std::unique_ptr<LimitKeeper>> opened = LimitKeeper::open(setup_);
    ASSERT_TRUE(opened) << opened.error().message;
    keeper_ = std::move(*opened);
    if (!keeper_->can_lend()) GTEST_SKIP() << "builds have no disks here, or the kernel is older than 5.12";
    static const Result<SandboxHost> host = probe_sandbox(KILN_AGENT_FILE, model::NetworkSettings{});
    ASSERT_TRUE(host) << host.error().message;
    if (host->mode != IdentityMode::pool_uid) GTEST_SKIP() << "this kernel has no user namespaces for builds";
    pool_ = std::make_unique<SandboxPool>(*host, *keeper_, 1);
  }

  std::unique_ptr<Sandbox> start(const char* mirror,
                                 const std::string& api = "http://127.0.0.1:9/client/v4") {
    SandboxSpec spec;
    spec.build_folder = setup_.builds / "build";
    spec.agent = KILN_AGENT_FILE;
    spec.mirror = root_.path() / mirror;
    spec.cache = root_.path() / "cache";
    spec.api_base_url = api;
    Result<std::unique_ptr<Sandbox>> started = pool_->start(spec);
    EXPECT_TRUE(started) << started.error().message;
    return started ? std::move(*started) : nullptr;
  }

  // One is there for the next build.
  void prepare() {
    pool_->prepare_next();
    ASSERT_TRUE(pool_->wait_until_ready(std::chrono::seconds(20)));
  }

  std::string run(Sandbox& sandbox, const std::string& shell) {
    std::string out;
    const Result<CommandEnd> end = sandbox.run(
        {.argv = {"/bin/sh", "-c", shell}, .environment = {"PATH=/usr/bin:/bin"}, .directory = kCheckout},
        [&out](std::string_view text) { out.append(text); });
    EXPECT_TRUE(end) << end.error().message;
    return out;
  }

  int groups() const {
    int count = 0;
    for (const auto& [controller, place] : keeper_->cgroups().places) {
      for (const auto& entry : fs::directory_iterator(place))
        count += entry.path().filename().native().starts_with(keeper_->prefix()) ? 1 : 0;
    }
    return count;
  }

  testing::TempDir root_;
  LimitKeeper::Setup setup_;
  std::unique_ptr<LimitKeeper> keeper_;
  std::unique_ptr<SandboxPool> pool_;
};

TEST_F(PoolTest, LendsAPreparedSandboxItsMirrorAndCaches) {
  start("mirror")->close();
  prepare();
  const std::unique_ptr<Sandbox> sandbox = start("other");
  EXPECT_EQ(pool_->ready(), 0U) << "it was taken";
  std::ofstream(root_.path() / "cache" / "dependencies") << "lent later\n";
  EXPECT_EQ(run(*sandbox, "cat /opt/kiln/mirror/HEAD /opt/kiln/cache/dependencies"), "second\nlent later\n");
  const std::string refused = run(*sandbox,
                                  "for d in mirror cache; do touch /opt/kiln/$d/x || umount /opt/kiln/$d || "
                                  "rm -rf /opt/kiln/$d; done 2>&1");
  EXPECT_THAT(refused, HasSubstr("Read-only file system"));
  EXPECT_EQ(run(*sandbox, "cat /opt/kiln/mirror/HEAD"), "second\n");
  EXPECT_EQ(read_file(root_.path() / "other" / "HEAD", 100).value(), "second\n");
}

TEST_F(PoolTest, UsesEachOnce) {
  start("mirror")->close();
  prepare();
  const auto mark = [this](Sandbox& sandbox) {
    return run(sandbox,
               "readlink /proc/self/ns/net /proc/self/ns/pid; cat /tmp/mark $HOME/mark 2>/dev/null; "
               "echo used > /tmp/mark");
  };
  const std::unique_ptr<Sandbox> first = start("mirror");
  const std::string in_first = mark(*first);
  prepare();
  const std::unique_ptr<Sandbox> second = start("mirror");
  const std::string in_second = mark(*second);
  EXPECT_THAT(in_second, ::testing::Not(HasSubstr("used")));
  EXPECT_NE(in_first.substr(0, in_first.find('\n')), in_second.substr(0, in_second.find('\n')));
}

TEST_F(PoolTest, ThrowsAwayWhatWasPreparedForAnotherServer) {
  start("mirror")->close();
  prepare();
  const std::unique_ptr<Sandbox> sandbox = start("mirror", "http://127.0.0.1:10/client/v4");
  EXPECT_EQ(pool_->ready(), 0U);
  EXPECT_EQ(run(*sandbox, "cat /opt/kiln/mirror/HEAD"), "first\n");
}

TEST_F(PoolTest, LeavesNothingOfWhatWasNeverUsed) {
  start("mirror")->close();
  prepare();
  EXPECT_GT(groups(), 0) << "the prepared one's";
  pool_.reset();
  EXPECT_EQ(groups(), 0);
  keeper_.reset();
  EXPECT_TRUE(fs::is_empty(setup_.builds));
  EXPECT_THAT(read_control("/proc/self/mountinfo").value(), ::testing::Not(HasSubstr(root_.path().string())));
}

}  // namespace
}  // namespace kiln::runner
