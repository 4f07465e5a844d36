#include "scm/git/git.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "scm/git/mirror_files.h"
#include "scm/git/repo_test.h"
#include "testing/known_names.h"
#include "testing/temp_dir.h"

namespace kiln::scm {
namespace {

// Counts the processes, to hold the warm path short.
class CountedProcesses final : public Processes {
 public:
  Result<ProcessEnd> run(const ProcessSpec& spec) override {
    ++count;
    return real_.run(spec);
  }
  int count = 0;

 private:
  SystemProcesses real_;
};

class GitMirror : public ::testing::Test {
 protected:
  GitMirror()
      : remote_{repo_.bare(), {}}, git_(processes_, repo_.folder() / "mirrors", *Reach::make({}, names_)) {}

  testing::TempDir folder_;
  TestRepo repo_{folder_.path()};
  Remote remote_;
  CountedProcesses processes_;
  testing::KnownNames names_;
  Git git_;
};

TEST_F(GitMirror, FetchesTheHeadOfABranchAndThenNothingTwice) {
  repo_.write("a", "1");
  const std::string first = repo_.commit("One");
  repo_.push({"main"});
  EXPECT_EQ(git_.fetch(remote_, "main", {}).value(), first);
  repo_.write("a", "2");
  const std::string second = repo_.commit("Two");
  repo_.push({"main"});
  processes_.count = 0;
  EXPECT_EQ(git_.fetch(remote_, "main", second).value(), second);
  EXPECT_EQ(processes_.count, 2);  // is it there? fetch
  processes_.count = 0;
  EXPECT_EQ(git_.fetch(remote_, "main", second).value(), second);
  EXPECT_EQ(processes_.count, 1);
}

TEST_F(GitMirror, AsRootFollowsNoLinkToAnothersRepository) {
  if (geteuid() != 0) GTEST_SKIP() << "only root minds whose a link is";
  repo_.commit("Base");
  repo_.push({"main"});
  const std::filesystem::path link = repo_.folder() / "link.git";
  std::filesystem::create_directory_symlink(repo_.bare(), link);
  const auto head = git_.fetch({link.string(), {}}, "main", {});
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, Errc::forbidden) << head.error().message;
  EXPECT_NE(head.error().message.find(repo_.bare()), std::string::npos) << "it says by which path";
}

TEST_F(GitMirror, GivesACommitThatAForcePushOrADeletionTookOffItsBranch) {
  repo_.commit("Base");
  repo_.push({"main"});
  ASSERT_TRUE(git_.fetch(remote_, "main", {}));
  const std::string lost = repo_.commit("Lost");
  repo_.push({"HEAD:side"});
  repo_.push({":side"});
  EXPECT_EQ(git_.fetch(remote_, "side", lost).value(), lost);
}

TEST_F(GitMirror, SaysWhenABranchOrCommitIsNotThere) {
  repo_.commit("Base");
  repo_.push({"main"});
  const auto branch = git_.fetch(remote_, "nowhere", {});
  ASSERT_FALSE(branch);
  EXPECT_EQ(branch.error().code, Errc::not_found);
  EXPECT_NE(branch.error().message.find("nowhere"), std::string::npos);
  const auto commit = git_.fetch(remote_, "main", std::string(40, 'a'));
  ASSERT_FALSE(commit);
  EXPECT_EQ(commit.error().code, Errc::not_found);
  EXPECT_EQ(git_.fetch(remote_, "main", "abc").error().code, Errc::invalid);
  EXPECT_EQ(git_.fetch({"/no/such/repo.git", {}}, "main", {}).error().code, Errc::not_found);
}

TEST_F(GitMirror, TakesABranchThatStandsWhereAFolderOfBranchesWas) {
  repo_.commit("Base");
  repo_.push({"HEAD:a"});
  ASSERT_TRUE(git_.fetch(remote_, "a", {}));
  repo_.push({":a", "HEAD:a/b"});
  EXPECT_TRUE(git_.fetch(remote_, "a/b", {}));
}

TEST_F(GitMirror, FetchesACommitWhoseBranchLooksLikeAnOption) {
  const std::string commit = repo_.commit("Base");
  repo_.push({"HEAD:refs/heads/--upload-pack=x"});
  EXPECT_EQ(git_.fetch(remote_, "--upload-pack=x", commit).value(), commit);
  EXPECT_EQ(git_.fetch(remote_, "--upload-pack=x", {}).error().code, Errc::invalid);
}

TEST_F(GitMirror, SurvivesLocksThatAKilledProcessLeft) {
  repo_.commit("One");
  repo_.push({"main"});
  ASSERT_TRUE(git_.fetch(remote_, "main", {}));
  const std::filesystem::path mirror = git_.mirror(remote_).value();
  for (const char* name : {"HEAD.lock", "packed-refs.lock", "shallow.lock", "config.lock"})
    std::ofstream(mirror / name) << "";
  std::ofstream(mirror / (kept_ref("refs/heads/main") + ".lock")) << "";
  repo_.write("a", "2");
  const std::string second = repo_.commit("Two");
  repo_.push({"main"});
  EXPECT_EQ(git_.fetch(remote_, "main", second).value(), second);
}

TEST_F(GitMirror, IsMadeAnewWhenItsObjectsAreDamaged) {
  repo_.write("a", "1");
  repo_.commit("One");
  repo_.push({"main"});
  ASSERT_TRUE(git_.fetch(remote_, "main", {}));
  const std::filesystem::path mirror = git_.mirror(remote_).value();
  for (const auto& file : std::filesystem::directory_iterator(mirror / "objects" / "pack")) {
    std::filesystem::resize_file(file.path(), 20);
  }
  repo_.write("a", "2");
  const std::string second = repo_.commit("Two");
  repo_.push({"main"});
  EXPECT_EQ(git_.fetch(remote_, "main", second).value(), second);
}

TEST_F(GitMirror, CanBeReadByAnotherUserInsideAFolderThatHidesIt) {
  const mode_t before = umask(0077);
  repo_.write("a", "1");
  const std::string commit = repo_.commit("One");
  repo_.push({"main"});
  ASSERT_TRUE(git_.fetch(remote_, "main", commit));
  umask(before);
  const std::filesystem::path mirror = git_.mirror(remote_).value();
  struct stat state {};
  ASSERT_EQ(stat(mirror.parent_path().c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0700U);
  ASSERT_EQ(stat(mirror.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0055, 0055U);
  for (const auto& file : std::filesystem::recursive_directory_iterator(mirror)) {
    ASSERT_EQ(stat(file.path().c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 0044, 0044U) << file.path();
    if (file.is_directory()) {
      EXPECT_EQ(state.st_mode & 0011, 0011U) << file.path();
    }
  }
}

TEST_F(GitMirror, TellsAuthorAndMessage) {
  repo_.commit("Subject \"quoted\"\n\nBody\nmore");
  repo_.push({"main"});
  const Result<Commit> head = git_.branch_head(remote_, "main");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->author, "Ada");
  EXPECT_EQ(head->message, "Subject \"quoted\"\n\nBody\nmore");
}

TEST_F(GitMirror, ListsChangedFilesOfAPushAndOfANewBranch) {
  repo_.write("keep", "1");
  const std::string first = repo_.commit("One");
  repo_.push({"main"});
  repo_.write("a b/new\nline \"q\"", "x");
  repo_.commit("Two");
  repo_.write("keep", "2");
  const std::string third = repo_.commit("Three");
  repo_.push({"HEAD:side"});
  const std::vector<std::string> both = {"a b/new\nline \"q\"", "keep"};
  const model::ChangedFiles pushed = git_.changed_files(remote_, first, third, "main");
  EXPECT_TRUE(pushed.known);
  EXPECT_EQ(pushed.commits, 2U);
  EXPECT_EQ(pushed.paths, both);
  EXPECT_EQ(git_.changed_files(remote_, {}, third, "main").paths, both);
  EXPECT_FALSE(git_.changed_files(remote_, std::string(40, 'b'), third, "main").known);
}

TEST_F(GitMirror, ReadsFilesButNoSymlinksFoldersOrBigOnes) {
  repo_.write("package.json", "{}\n");
  repo_.write("apps/web/x", "web");
  repo_.write("big", std::string(5000, 'b'));
  std::filesystem::create_symlink("/etc/passwd", std::filesystem::path(repo_.work()) / "link");
  const std::string commit = repo_.commit("One");
  repo_.push({"main"});
  ASSERT_TRUE(git_.fetch(remote_, "main", commit));
  const auto files = git_.read_files(
      remote_, commit, {"package.json", "apps/web/x", "apps", "big", "link", "../x", "none"}, 1000);
  ASSERT_TRUE(files);
  const std::map<std::string, std::string> expected = {{"package.json", "{}\n"}, {"apps/web/x", "web"}};
  EXPECT_EQ(*files, expected);
  const auto sizes =
      git_.file_sizes(remote_, commit, {"package.json", "apps", "big", "link", "../x", "none"});
  ASSERT_TRUE(sizes);
  EXPECT_EQ(*sizes, (std::map<std::string, std::size_t>{{"package.json", 3}, {"big", 5000}}));
  EXPECT_TRUE(git_.is_folder(remote_, commit, "apps/web").value());
  EXPECT_TRUE(git_.is_folder(remote_, commit, "").value());
  EXPECT_FALSE(git_.is_folder(remote_, commit, "link").value());
  EXPECT_FALSE(git_.is_folder(remote_, commit, "../..").value());
  EXPECT_FALSE(git_.is_folder(remote_, commit, "package.json").value());
}

TEST_F(GitMirror, KeepsItsPacksFew) {
  repo_.commit("One");
  repo_.push({"main"});
  ASSERT_TRUE(git_.fetch(remote_, "main", {}));
  const std::filesystem::path mirror = git_.mirror(remote_).value();
  repo_.run({"/bin/sh", "-c",
             "for i in $(seq 60); do echo $i | git hash-object -w --stdin | git pack-objects -q "
             "objects/pack/pack; done"},
            mirror.string());
  ASSERT_GT(count_packs(mirror), 50U);
  const std::string second = repo_.commit("Two");
  repo_.push({"main"});
  ASSERT_TRUE(git_.fetch(remote_, "main", second));
  EXPECT_LT(count_packs(mirror), 20U);
}

}  // namespace
}  // namespace kiln::scm
