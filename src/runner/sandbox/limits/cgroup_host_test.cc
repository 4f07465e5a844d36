// Machines of other kinds than this one, as the files that tell of them: /proc and /sys/fs/cgroup are
// folders.
#include "runner/sandbox/limits/cgroup_host.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "runner/sandbox/limits/cgroup.h"
#include "runner/sandbox/limits/cgroup_files.h"
#include "runner/sandbox/limits/disk_watch.h"
#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Kind = CgroupHost::Kind;

class CgroupHostTest : public ::testing::Test {
 protected:
  void put(const std::string& file, const std::string& text) {
    fs::create_directories((root_.path() / file).parent_path());
    ASSERT_TRUE(write_file_durably(root_.path() / file, text, 0644));
  }
  [[nodiscard]] std::string text(const std::string& file) const {
    return read_control(root_.path() / file).value_or("");
  }
  [[nodiscard]] std::string at(const std::string& folder) const { return (root_.path() / folder).string(); }
  // A systemd machine with one hierarchy, we in a service that was given its controllers.
  void delegate() {
    put("mounts", "26 25 0:23 / " + at("sys") + " rw - cgroup2 cgroup2 rw,nsdelegate\n");
    put("own", "0::/system.slice/kiln.service\n");
    put("sys/system.slice/kiln.service/cgroup.controllers", "cpu memory pids\n");
    put("sys/system.slice/kiln.service/cgroup.subtree_control", "");
    put("sys/system.slice/kiln.service/cgroup.procs", "");
  }
  CgroupHost find() {
    return find_cgroups({.own_cgroups = root_.path() / "own",
                         .mounts = root_.path() / "mounts",
                         .is_ours = [](pid_t process) { return process == 11; }});
  }

  testing::TempDir root_;
};

TEST_F(CgroupHostTest, V2InADelegatedServiceIsUsedWhole) {
  delegate();
  const CgroupHost host = find();
  EXPECT_EQ(host.kind, Kind::v2);
  EXPECT_TRUE(host.missing.empty());
  EXPECT_EQ(host.places.at("memory"), at("sys/system.slice/kiln.service"));
  EXPECT_EQ(host.places.at("pids"), host.places.at("memory"));
  EXPECT_EQ(text("sys/system.slice/kiln.service/cgroup.subtree_control"), "+memory +pids +cpu");
}

TEST_F(CgroupHostTest, V2OfARestartedRunnerIsTheFolderAboveItsLeaf) {
  delegate();
  put("own", "0::/system.slice/kiln.service/kiln-supervisor\n");
  fs::create_directories(at("sys/system.slice/kiln.service/kiln-supervisor"));
  EXPECT_EQ(find().places.at("memory"), at("sys/system.slice/kiln.service"));
}

TEST_F(CgroupHostTest, V2ThatHandsDownOnlySomeSaysWhichAreMissing) {
  delegate();
  put("sys/system.slice/kiln.service/cgroup.controllers", "memory pids\n");
  const CgroupHost host = find();
  EXPECT_EQ(host.kind, Kind::v2);
  EXPECT_FALSE(host.has("cpu"));
  EXPECT_THAT(host.missing, ::testing::ElementsAre(HasSubstr("cpu: ")));
}

TEST_F(CgroupHostTest, V2WithoutDelegationIsNoneAndSaysWhatToDo) {
  put("mounts", "26 25 0:23 / " + at("sys") + " rw - cgroup2 cgroup2 rw\n");
  put("own", "0::/user.slice/session-1.scope\n");
  put("sys/user.slice/session-1.scope/cgroup.controllers", "cpu memory pids\n");
  const CgroupHost host = find();
  EXPECT_EQ(host.kind, Kind::none);
  ASSERT_EQ(host.missing.size(), 1U);
  EXPECT_THAT(host.missing[0], HasSubstr("session-1.scope/cgroup.subtree_control cannot be written"));
  EXPECT_THAT(host.missing[0], HasSubstr("Delegate="));
}

TEST_F(CgroupHostTest, V2OfRootAmongStrangersIsAGroupAtTheTop) {
  put("mounts", "26 25 0:23 / " + at("sys") + " rw - cgroup2 cgroup2 rw\n");
  put("own", "0::/user.slice/session-1.scope\n");
  put("sys/user.slice/session-1.scope/cgroup.controllers", "memory pids\n");
  put("sys/cgroup.controllers", "cpuset cpu io memory pids\n");
  put("sys/cgroup.subtree_control", "memory pids\n");
  put("sys/kiln/cgroup.subtree_control", "");  // the kernel's, once the folder is made
  const CgroupHost host = find();
  EXPECT_EQ(host.kind, Kind::v2);
  EXPECT_TRUE(host.missing.empty());
  EXPECT_EQ(host.places.at("cpu"), at("sys/kiln"));
  EXPECT_EQ(text("sys/cgroup.subtree_control"), "+memory +pids +cpu");
  EXPECT_EQ(text("sys/kiln/cgroup.subtree_control"), "+memory +pids +cpu");
}

TEST_F(CgroupHostTest, V2OfRootInAContainerDoesNotReachAboveIt) {
  put("mounts", "26 25 0:23 / " + at("sys") + " rw - cgroup2 cgroup2 rw\n");
  put("own", "0::/inner\n");
  put("sys/inner/cgroup.controllers", "memory pids\n");
  put("sys/cgroup.controllers", "memory pids\n");
  put("sys/cgroup.type", "domain\n");
  put("sys/cgroup.subtree_control", "");
  EXPECT_EQ(find().kind, Kind::none);
  EXPECT_EQ(text("sys/cgroup.subtree_control"), "");
}

TEST_F(CgroupHostTest, V1IsUsedControllerByController) {
  put("mounts", "32 31 0:29 / " + at("cpu,cpuacct") + " rw - cgroup cgroup rw,cpu,cpuacct\n35 31 0:32 / " +
                    at("memory") + " rw - cgroup cgroup rw,memory\n41 31 0:38 / " + at("unified") +
                    " rw - cgroup2 cgroup2 rw\n");
  put("own", "4:memory:/service/a\n2:cpu,cpuacct:/\n0::/\n");
  put("unified/cgroup.controllers", "hugetlb\n");
  fs::create_directories(at("cpu,cpuacct"));
  fs::create_directories(at("memory/service/a"));
  const CgroupHost host = find();
  EXPECT_EQ(host.kind, Kind::v1);
  EXPECT_EQ(host.places.at("memory"), at("memory/service/a"));
  EXPECT_EQ(host.places.at("cpu"), at("cpu,cpuacct"));
  EXPECT_EQ(host.places.at("cpuacct"), at("cpu,cpuacct"));
  EXPECT_THAT(host.missing, ::testing::ElementsAre("pids: this machine has no such cgroup"));
}

TEST_F(CgroupHostTest, V1OfAContainerIsItsPartOfTheTree) {
  put("mounts", "35 31 0:32 /docker/abc " + at("memory") + " rw - cgroup cgroup rw,memory\n");
  put("own", "4:memory:/docker/abc/inner\n");
  fs::create_directories(at("memory/inner"));
  EXPECT_EQ(find().places.at("memory"), at("memory/inner"));
  put("own", "4:memory:/somewhere/else\n");
  EXPECT_EQ(find().places.at("memory"), at("memory"));
}

TEST_F(CgroupHostTest, NothingMountedIsNone) {
  put("mounts", "22 1 0:21 / /proc rw - proc proc rw\nnonsense\n");
  put("own", "");
  const CgroupHost host = find();
  EXPECT_EQ(host.kind, Kind::none);
  EXPECT_THAT(host.missing, ::testing::ElementsAre(HasSubstr("no cgroup file system")));
}

TEST_F(CgroupHostTest, ASweepTakesItsOwnNamesOnly) {
  fs::create_directories(at("place/kiln-abc-1-1"));
  fs::create_directories(at("place/kiln-abd-1-1"));
  fs::create_directories(at("place/kiln-supervisor"));
  const Result<int> swept = sweep_cgroups({root_.path() / "place", root_.path() / "gone"}, "kiln-abc-");
  ASSERT_TRUE(swept);
  EXPECT_EQ(*swept, 1);
  EXPECT_FALSE(fs::exists(at("place/kiln-abc-1-1")));
  EXPECT_TRUE(fs::exists(at("place/kiln-abd-1-1")));
  EXPECT_TRUE(fs::exists(at("place/kiln-supervisor")));
}

TEST_F(CgroupHostTest, ControlFilesAreReadAsTheyAre) {
  put("events", "low 0\nmax 12\noom_kill 3\noom_kill_group 1\n");
  EXPECT_EQ(read_entry(root_.path() / "events", "max"), 12U);
  EXPECT_EQ(read_entry(root_.path() / "events", "oom_kill"), 3U);
  EXPECT_EQ(read_entry(root_.path() / "events", "oom"), std::nullopt);
  put("peak", "134217728\n");
  EXPECT_EQ(read_number(root_.path() / "peak"), 134'217'728U);
  put("procs", "1\n22\n0\n333\n");
  EXPECT_THAT(read_processes(root_.path() / "procs"), ::testing::ElementsAre(1, 22, 333));
}

TEST(TreeSizeTest, CountsBlocksOnceAndFollowsNoLink) {
  const testing::TempDir outside;
  ASSERT_TRUE(write_file_durably(outside.path() / "huge", std::string(5U << 20U, 'x'), 0600));
  const testing::TempDir root;
  ASSERT_TRUE(write_file_durably(root.path() / "a", std::string(1U << 20U, 'x'), 0600));
  fs::create_hard_link(root.path() / "a", root.path() / "b");
  fs::create_directory_symlink(outside.path(), root.path() / "link");
  fs::create_directory(root.path() / "sub");
  fs::create_directory_symlink(root.path(), root.path() / "sub" / "loop");
  const TreeSize size = tree_size(root.path(), 1'000);
  EXPECT_EQ(size.entries, 5U);
  EXPECT_GE(size.bytes, 1U << 20U);
  EXPECT_LT(size.bytes, 2U << 20U);
  EXPECT_EQ(tree_size(root.path(), 3).entries, 3U);
}

TEST(TreeSizeTest, CopesWithAnyDepth) {
  const testing::TempDir root;
  const std::string name(200, 'd');
  Fd at(open(root.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int depth = 0; depth < 300; ++depth) {
    ASSERT_EQ(mkdirat(at.get(), name.c_str(), 0700), 0);
    at = Fd(openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  EXPECT_EQ(tree_size(root.path(), 1'000).entries, 300U);
  ASSERT_TRUE(remove_tree(root.path()));
}

}  // namespace
}  // namespace kiln::runner
