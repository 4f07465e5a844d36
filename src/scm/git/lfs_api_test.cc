#include "scm/git/lfs_api.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/hash.h"
#include "scm/git/repo_test.h"
#include "testing/known_names.h"
#include "testing/temp_dir.h"

namespace kiln::scm {
namespace {

const LfsObject kOne{std::string(64, 'a'), 12};
const LfsObject kTwo{std::string(64, 'b'), 7};

TEST(LfsApi, TheServerIsBesideTheRepository) {
  EXPECT_EQ(lfs_server_of("https://h/acme/shop"), "https://h/acme/shop.git/info/lfs");
  EXPECT_EQ(lfs_server_of("https://h/acme/shop.git/"), "https://h/acme/shop.git/info/lfs");
}

TEST(LfsApi, AnSshHostIsAskedWhere) {
  EXPECT_EQ(lfs_ssh_command("git@h:acme/shop.git").value(), "git-lfs-authenticate 'acme/shop.git' download");
  EXPECT_EQ(lfs_ssh_command("ssh://git@h:22/acme/shop.git").value(),
            "git-lfs-authenticate 'acme/shop.git' download");
  EXPECT_FALSE(lfs_ssh_command("git@h:a'; rm -rf '/x"));
  EXPECT_FALSE(lfs_ssh_command("ssh://h"));
  const auto server =
      parse_lfs_server(R"({"href": "https://lfs/x", "header": {"Authorization": "T", "A": "b\r\nc"}})");
  ASSERT_TRUE(server);
  EXPECT_EQ(server->url, "https://lfs/x");
  EXPECT_EQ(server->headers, (LfsHeaders{{"Authorization", "T"}}));
  EXPECT_FALSE(parse_lfs_server("{}"));
}

TEST(LfsApi, ABatchNamesThePlacesOfWhatWasAskedForAndOfNothingElse) {
  EXPECT_NE(lfs_batch_body({kOne}).find(R"("operation":"download")"), std::string::npos);
  const auto places = parse_lfs_batch(
      R"({"objects": [{"oid": "cc", "size": 1, "actions": {"download": {"href": "https://evil"}}},
                      {"oid": ")" +
          kTwo.oid + R"(", "error": {"code": 404, "message": "gone"}},
                      {"oid": ")" +
          kOne.oid + R"(", "actions": {"download": {"href": "https://s/1", "header": {"X": "y"}}}}]})",
      {kOne, kTwo});
  ASSERT_TRUE(places);
  ASSERT_EQ(places->size(), 2U);
  EXPECT_EQ(places->at(0).href, "https://s/1");
  EXPECT_EQ(places->at(0).headers, (LfsHeaders{{"X", "y"}}));
  EXPECT_EQ(places->at(1).refused, "gone");
  EXPECT_NE(parse_lfs_batch(R"({"objects": []})", {kOne})->at(0).refused, "");
  for (const char* odd : {"", "[]", "{}", R"({"objects": 1})"})
    EXPECT_FALSE(parse_lfs_batch(odd, {kOne})) << odd;
}

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
  const auto fetched = git_.fetch_lfs(remote_, {good, good, bad, linked, kOne});
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

TEST_F(LocalLfs, TakesNoMoreThanTheLimit) {
  Git small(processes_, folder_.path() / "mirrors", *Reach::make({}, names_), {.max_bytes = 10});
  const auto fetched = small.fetch_lfs(remote_, {put("twelve bytes")});
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, Errc::too_large);
}

}  // namespace
}  // namespace kiln::scm
