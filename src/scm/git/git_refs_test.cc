#include <gtest/gtest.h>

#include <fstream>

#include "base/clock.h"
#include "scm/git/git.h"
#include "scm/git/mirror_files.h"
#include "scm/git/repo_test.h"
#include "testing/known_names.h"
#include "testing/temp_dir.h"

namespace kiln::scm {
namespace {

class CountedGits final : public Processes {
 public:
  Result<ProcessEnd> run(const ProcessSpec& spec) override {
    for (const std::string& word : spec.argv) fetches += word == "fetch" || word == "ls-remote" ? 1 : 0;
    return real_.run(spec);
  }
  int fetches = 0;  // calls to a host

 private:
  SystemProcesses real_;
};

class GitRefs : public ::testing::Test {
 protected:
  GitRefs()
      : remote_{repo_.bare(), {}}, git_(processes_, repo_.folder() / "mirrors", *Reach::make({}, names_)) {
    first_ = repo_.commit("One");
    repo_.git({"tag", "-a", "v1.0.0", "-m", "release"});
    repo_.push({"main", "v1.0.0"});
  }

  std::string in_mirror(std::vector<std::string> words) {
    words.insert(words.begin(), "--git-dir=" + git_.mirror(remote_).value().string());
    return repo_.git(std::move(words));
  }
  std::vector<std::string> refs() {
    return split(in_mirror({"for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags"}), '\n');
  }

  testing::TempDir folder_;
  TestRepo repo_{folder_.path()};
  Remote remote_;
  CountedGits processes_;
  testing::KnownNames names_;
  Git git_;
  std::string first_;
};

using Names = std::vector<std::string>;

TEST_F(GitRefs, AMirrorIsARepositoryWithBranchesTagsAndHead) {
  repo_.git({"checkout", "-q", "-b", "pr"});
  const std::string second = repo_.commit("Two");
  repo_.push({"pr"});
  repo_.git({"symbolic-ref", "HEAD", "refs/heads/main"}, repo_.bare());
  const auto got = git_.fetch_with_refs(remote_, "pr", second, 0);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->commit, second);
  EXPECT_EQ(got->behind, "");
  EXPECT_EQ(refs(), (Names{"refs/heads/main", "refs/heads/pr", "refs/tags/v1.0.0"}));
  EXPECT_EQ(in_mirror({"symbolic-ref", "HEAD"}), "refs/heads/main");
  EXPECT_EQ(in_mirror({"describe", "pr"}).substr(0, 9), "v1.0.0-1-");
  EXPECT_EQ(in_mirror({"merge-base", "pr", "main"}), first_);
}

TEST_F(GitRefs, NewOnesComeWithTheCommitAndThoseThatAreGoneGo) {
  repo_.push({"HEAD:gone", "HEAD:folder"});
  ASSERT_TRUE(git_.fetch_with_refs(remote_, "main", first_, 0));
  repo_.push({":gone", ":folder", "HEAD:folder/now", "HEAD:tmp_x"});
  const std::string second = repo_.commit("Two");
  repo_.push({"main"});
  processes_.fetches = 0;
  EXPECT_EQ(git_.fetch_with_refs(remote_, "main", second, 0)->commit, second);
  EXPECT_EQ(processes_.fetches, 1) << "in one call";
  EXPECT_EQ(refs(),
            (Names{"refs/heads/folder/now", "refs/heads/main", "refs/heads/tmp_x", "refs/tags/v1.0.0"}));
  remove_stale_locks(git_.mirror(remote_).value());
  EXPECT_EQ(refs().size(), 4U) << "a branch may be called like half a pack";
}

TEST_F(GitRefs, AreNotAskedForAgainWithinTheTimeThatTheyAreGoodFor) {
  const TimeMs before = SystemClock().now() - 1'000;
  EXPECT_FALSE(git_.has_refs_since(remote_, before));
  EXPECT_FALSE(is_mirror_in_use(git_.mirror(remote_).value()));
  ASSERT_TRUE(git_.fetch_with_refs(remote_, "main", first_, before));
  EXPECT_TRUE(git_.has_refs_since(remote_, before));
  EXPECT_TRUE(is_mirror_in_use(git_.mirror(remote_).value()));
  processes_.fetches = 0;
  ASSERT_TRUE(git_.fetch_with_refs(remote_, "main", first_, before));
  EXPECT_EQ(processes_.fetches, 0);
  repo_.git({"tag", "v2.0.0"});
  repo_.push({"v2.0.0"});
  ASSERT_TRUE(git_.fetch_with_refs(remote_, "main", first_, SystemClock().now() + 1'000));
  EXPECT_EQ(refs(), (Names{"refs/heads/main", "refs/tags/v1.0.0", "refs/tags/v2.0.0"}));
}

TEST_F(GitRefs, ACommitThatIsThereIsBuiltWithoutItsHost) {
  ASSERT_TRUE(git_.fetch_with_refs(remote_, "main", first_, 0));
  std::filesystem::rename(repo_.bare(), repo_.bare() + ".away");
  const auto got = git_.fetch_with_refs(remote_, "main", first_, SystemClock().now() + 1'000);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->commit, first_);
  EXPECT_NE(got->behind, "");
  EXPECT_EQ(refs().size(), 2U) << "they stay as they were";
  EXPECT_EQ(git_.fetch_with_refs(remote_, "main", std::string(40, 'a'), 0).error().code, Errc::not_found);
}

TEST_F(GitRefs, ACommitThatNoBranchReachesAndABranchsHead) {
  ASSERT_TRUE(git_.fetch_with_refs(remote_, "main", first_, 0));
  const std::string lost = repo_.commit("Lost");
  repo_.push({"HEAD:side"});
  repo_.push({":side"});
  EXPECT_EQ(git_.fetch_with_refs(remote_, "side", lost, 0)->commit, lost);
  EXPECT_EQ(git_.fetch_with_refs(remote_, "main", {}, 0)->commit, first_);
  EXPECT_EQ(git_.fetch_with_refs(remote_, "side", {}, 0).error().code, Errc::not_found);
}

TEST_F(GitRefs, MirrorsApartShareNothing) {
  const Remote strangers{repo_.bare(), {}, "forks"};
  ASSERT_TRUE(git_.fetch_with_refs(remote_, "main", first_, 0));
  EXPECT_NE(git_.mirror(remote_).value(), git_.mirror(strangers).value());
  EXPECT_FALSE(git_.read_files(strangers, first_, {"a"}, 10));
  EXPECT_EQ(git_.fetch_with_refs(strangers, "main", first_, 0)->commit, first_);
}

TEST_F(GitRefs, ADamagedMirrorIsMadeAnewAndHasThemTheNextTime) {
  ASSERT_TRUE(git_.fetch_with_refs(remote_, "main", first_, 0));
  const std::filesystem::path mirror = git_.mirror(remote_).value();
  for (const auto& file : std::filesystem::directory_iterator(mirror / "objects" / "pack"))
    std::filesystem::resize_file(file.path(), 20);
  repo_.write("a", "2");
  const std::string second = repo_.commit("Two");
  repo_.push({"main"});
  const auto got = git_.fetch_with_refs(remote_, "main", second, 0);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->commit, second);
  EXPECT_EQ(git_.fetch_with_refs(remote_, "main", second, SystemClock().now())->behind, "");
  EXPECT_EQ(refs(), (Names{"refs/heads/main", "refs/tags/v1.0.0"}));
}

}  // namespace
}  // namespace kiln::scm
