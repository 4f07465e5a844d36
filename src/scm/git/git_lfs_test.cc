#include <gtest/gtest.h>

#include <fstream>

#include "base/hash.h"
#include "scm/git/git.h"
#include "scm/git/lfs_store.h"
#include "scm/git/repo_test.h"
#include "testing/known_names.h"
#include "testing/temp_dir.h"

namespace kiln::scm {
namespace {

const LfsObject kNowhere{std::string(64, 'a'), 12};

class LocalLfs : public ::testing::Test {
 protected:
  LfsObject put(const std::string& content, const std::string& as = {}) {
    LfsObject object{sha256_hex(content), content.size()};
    const std::filesystem::path place =
        std::filesystem::path(repo_.bare()) / "lfs" / "objects" / lfs_path_of(object.oid);
    std::filesystem::create_directories(place.parent_path());
    std::ofstream(place) << (as.empty() ? content : as);
    return object;
  }
  [[nodiscard]] std::filesystem::path kept(const LfsObject& object) {
    return git_.mirror(remote_).value() / "lfs" / "objects" / lfs_path_of(object.oid);
  }

  testing::TempDir folder_;
  TestRepo repo_{folder_.path()};
  Remote remote_{repo_.bare(), {}};
  SystemProcesses processes_;
  testing::KnownNames names_;
  Git git_{processes_, folder_.path() / "mirrors", *Reach::make({}, names_)};
};

TEST_F(LocalLfs, TakesWhatHashesToItsNameAndCountsTheRest) {
  const LfsObject good = put("content");
  const LfsObject bad = put("content of old", "content of now");
  const LfsObject linked = put("linked");
  const std::filesystem::path place =
      std::filesystem::path(repo_.bare()) / "lfs" / "objects" / lfs_path_of(linked.oid);
  std::filesystem::rename(place, place.string() + ".real");
  std::filesystem::create_symlink(place.string() + ".real", place);
  const auto fetched = git_.fetch_lfs(remote_, {good, good, bad, linked, kNowhere});
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->there, 1U);
  EXPECT_EQ(fetched->missing, 3U);
  EXPECT_NE(fetched->why.find("not what its pointer says"), std::string::npos) << fetched->why;
  EXPECT_TRUE(std::filesystem::exists(kept(good)));
  EXPECT_FALSE(std::filesystem::exists(kept(bad)));
  EXPECT_FALSE(std::filesystem::exists(kept(linked)));
  std::filesystem::remove_all(std::filesystem::path(repo_.bare()) / "lfs");
  EXPECT_EQ(git_.fetch_lfs(remote_, {good})->there, 1U) << "it is in the mirror";
}

TEST_F(LocalLfs, FollowsNoLinkInsideTheRepository) {
  const LfsObject object = put("content");
  const std::filesystem::path folder = std::filesystem::path(repo_.bare()) / "lfs";
  std::filesystem::rename(folder, folder.string() + ".real");
  std::filesystem::create_directory_symlink(folder.string() + ".real", folder);
  EXPECT_EQ(git_.fetch_lfs(remote_, {object})->missing, 1U);
}

TEST_F(LocalLfs, TakesNoMoreThanTheLimit) {
  Git small(processes_, folder_.path() / "mirrors", *Reach::make({}, names_), {.max_bytes = 10});
  const auto fetched = small.fetch_lfs(remote_, {put("twelve bytes")});
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, Errc::too_large);
}

}  // namespace
}  // namespace kiln::scm
