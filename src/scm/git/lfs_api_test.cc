#include "scm/git/lfs_api.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace kiln::scm
