#include "model/oidc.h"

#include <gtest/gtest.h>

namespace kiln::model {
namespace {

TEST(Roles, AreTheHighestThatAGroupGives) {
  const RoleGroups by{{"staff"}, {"builders", "staff-lead"}, {"owners"}};
  EXPECT_EQ(role_of(by, {"staff"}), Role::view);
  EXPECT_EQ(role_of(by, {"staff", "builders"}), Role::operate);
  EXPECT_EQ(role_of(by, {"owners", "staff"}), Role::administer);
  EXPECT_EQ(role_of(by, {"Staff", "own"}), std::nullopt) << "to the letter";
  EXPECT_EQ(role_of(by, {}), std::nullopt);
}

TEST(Roles, MayBeEverybodys) {
  const RoleGroups by{{"*"}, {}, {"owners"}};
  EXPECT_EQ(role_of(by, {}), Role::view);
  EXPECT_EQ(role_of(by, {"owners"}), Role::administer);
  EXPECT_EQ(role_of({{"staff"}, {}, {}}, {"*"}), std::nullopt) << "a group that is called so gives nothing";
}

TEST(Roles, GiveRights) {
  EXPECT_EQ(rights_of(Role::view).str(), "ci:read,scripts:read");
  EXPECT_EQ(rights_of(Role::operate), Permissions::all());
}

TEST(Provider, IsAskedOverTlsOrOnLoopback) {
  for (const char* fine :
       {"https://id.example.com", "http://127.0.0.1:3000", "http://localhost/", "http://[::1]:1"})
    EXPECT_TRUE(is_provider_url(fine)) << fine;
  for (const char* bad :
       {"http://id.example.com", "http://127.0.0.1.evil.example", "http://localhost@evil.example", "https://",
        "file:///etc/passwd", "", "http://localhost.evil.example"})
    EXPECT_FALSE(is_provider_url(bad)) << bad;
}

TEST(Grant, IsAnotherOfOtherSettings) {
  OidcSettings settings;
  EXPECT_TRUE(grant_of(settings).empty());
  settings.issuer = "https://id.example.com";
  settings.roles.view = {"a", "b"};
  const std::string before = grant_of(settings);
  settings.name = "the company";
  EXPECT_EQ(grant_of(settings), before);
  settings.roles = {{"a"}, {"b"}, {}};
  EXPECT_NE(grant_of(settings), before);
}

}  // namespace
}  // namespace kiln::model
