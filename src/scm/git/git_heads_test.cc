#include <gtest/gtest.h>

#include "scm/git/git.h"
#include "scm/git/repo_test.h"
#include "testing/known_names.h"
#include "testing/temp_dir.h"

namespace kiln::scm {
namespace {

class GitHeads : public ::testing::Test {
 protected:
  testing::TempDir folder_;
  TestRepo repo_{folder_.path()};
  Remote remote_{repo_.bare(), {}};
  SystemProcesses processes_;
  testing::KnownNames names_;
  Git git_{processes_, repo_.folder() / "mirrors", *Reach::make({}, names_)};
};

TEST_F(GitHeads, AreTheBranchesOfNowAndNoTags) {
  EXPECT_TRUE(git_.heads(remote_)->empty());
  const std::string first = repo_.commit("One");
  repo_.git({"tag", "v1"});
  repo_.push({"main", "main:feature/x", "v1"});
  const std::string second = repo_.commit("Two");
  repo_.push({"main"});
  EXPECT_EQ(*git_.heads(remote_),
            (std::map<std::string, std::string>{{"feature/x", first}, {"main", second}}));
}

TEST_F(GitHeads, OfARepositoryThatIsNotThereAreAnError) {
  EXPECT_EQ(git_.heads({"/nonexistent/shop.git", {}}).error().code, Errc::not_found);
}

}  // namespace
}  // namespace kiln::scm
