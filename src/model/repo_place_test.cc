#include "model/repo_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::model {
namespace {

TEST(RepoPlaces, AreOneForEverySpellingOfAWebHost) {
  const RepoPlace shop{"gitlab.example", "acme/shop"};
  for (const char* url : {"https://gitlab.example/acme/shop", "https://GitLab.Example/acme/shop.git",
                          "https://gitlab.example:443/acme/shop.git/", "http://gitlab.example/acme/shop/"}) {
    EXPECT_EQ(repo_place(url), shop) << url;
  }
  EXPECT_EQ(shop.owner(), "acme");
  EXPECT_EQ(shop.name(), "shop");
}

TEST(RepoPlaces, OfTwoHostsOrUsersAreTwo) {
  const RepoPlace one = repo_place("https://gitlab.example/acme/shop");
  for (const char* url : {"https://gitea.example/acme/shop", "https://gitlab.example:8443/acme/shop",
                          "https://gitlab.example/acme/Shop", "https://gitlab.example/group/acme/shop"}) {
    const RepoPlace other = repo_place(url);
    EXPECT_NE(provisional_repo_id(one), provisional_repo_id(other)) << url;
  }
  EXPECT_NE(owner_id(one), owner_id(repo_place("https://gitea.example/acme/shop")));
  EXPECT_EQ(owner_id(one), owner_id(repo_place("https://gitlab.example/acme/other")));
  EXPECT_NE(plain_repo_id(repo_place("ann@host:shop.git")), plain_repo_id(repo_place("ben@host:shop.git")));
  EXPECT_NE(plain_repo_id(repo_place("ann@host:shop.git")), plain_repo_id(repo_place("ann@host:/shop.git")));
  EXPECT_NE(plain_repo_id(repo_place("/srv/shop")), plain_repo_id(repo_place("/srv/shop.git")));
}

TEST(RepoPlaces, NameOwnersAndRepositoriesOfPlainOnes) {
  EXPECT_EQ(repo_place("/srv/git/shop.git").owner(), "git");
  EXPECT_EQ(repo_place("/srv/git/shop.git/").name(), "shop");
  EXPECT_EQ(repo_place("git@git.example:acme/shop.git"), (RepoPlace{"git@git.example", "acme/shop.git"}));
  EXPECT_EQ(repo_place("git@git.example:shop.git").owner(), "");
  EXPECT_EQ(repo_place("ssh://git@git.example:22/acme/shop.git").host, "git@git.example");
  EXPECT_EQ(repo_place("ssh://git@git.example:2222/acme/shop.git").host, "git@git.example:2222");
}

TEST(RepoPlaces, HaveIdsThatSayNothingOfTheMachine) {
  const RepoPlace place = repo_place("/srv/git/shop.git");
  EXPECT_THAT(plain_repo_id(place), ::testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_THAT(owner_id(place), ::testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_TRUE(is_provisional(provisional_repo_id(place)));
  EXPECT_FALSE(is_provisional(plain_repo_id(place)));
  EXPECT_FALSE(is_provisional("4711"));
}

}  // namespace
}  // namespace kiln::model
