#include "scm/forge/provider.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace kiln::scm {
namespace {

TEST(Provider, IsWhatTheHostsNameSays) {
  const std::pair<const char*, const char*> cases[] = {
      {"https://github.com/acme/shop", "github"},
      {"https://gitlab.com/acme/web/shop.git", "gitlab"},
      {"https://GitLab.acme.test:8443/shop", "gitlab"},
      {"https://bitbucket.org/acme/shop", "bitbucket"},
      {"https://bitbucket.acme.test/scm/a/b", "bitbucket_server"},
      {"https://codeberg.org/acme/shop", "gitea"},
      {"http://forgejo.acme.test/a/b", "gitea"},
      {"git@gitlab.com:acme/shop.git", "git"},
      {"ssh://git@host/gitea.git", "git"},
      {"/srv/git/gitlab.git", "git"}};
  for (const auto& [url, provider] : cases) EXPECT_EQ(provider_by_name(url), provider) << url;
  for (const char* url : {"https://git.acme.test/github/shop", "https://gitlab@git.acme.test/gitlab/shop"})
    EXPECT_EQ(provider_by_name(url), std::nullopt) << url;
}

TEST(Provider, ClonesByATokenAsItsHostWantsIt) {
  const std::string header = clone_authorization("gitlab", "t0ken");
  EXPECT_EQ(header, "Basic " + to_base64("oauth2:t0ken"));
  EXPECT_EQ(clone_authorization("git", "t0ken"), "Basic " + to_base64("kiln:t0ken"));
}

TEST(Provider, IsOneOfThoseThatThereAre) {
  const std::string all = provider_choice();
  EXPECT_NE(all.find("github, "), std::string::npos) << all;
  EXPECT_TRUE(all.ends_with(" or git")) << all;
}

}  // namespace
}  // namespace kiln::scm
