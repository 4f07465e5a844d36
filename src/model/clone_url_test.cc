#include "model/clone_url.h"

#include <gtest/gtest.h>

namespace kiln::model {
namespace {

TEST(Credentials, AreTakenOutOfAUrl) {
  const Result<CleanUrl> token = split_credentials("https://x-access-token:s%40crt@git.example/a/b.git");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->url, "https://git.example/a/b.git");
  EXPECT_EQ(token->authorization, "Basic eC1hY2Nlc3MtdG9rZW46c0BjcnQ=");
  EXPECT_EQ(split_credentials("https://tok@h/x")->authorization, "Basic dG9rOg==");
  EXPECT_EQ(split_credentials("https://u:p:q@h/x@y")->url, "https://h/x@y");
  for (const char* plain : {"https://h/x@y", "ssh://git@h/x", "git@h:x", "/srv/a@b.git"}) {
    EXPECT_EQ(split_credentials(plain)->url, plain);
    EXPECT_TRUE(split_credentials(plain)->authorization.empty());
  }
  EXPECT_FALSE(split_credentials("ssh://git:secret@h/x"));
  EXPECT_FALSE(split_credentials("https://u:%zz@h/x"));
}

TEST(Credentials, AreTakenOutOfAUrlHoweverTheyAreWritten) {
  EXPECT_EQ(without_credentials("https://u:p@h/x.git"), "https://h/x.git");
  EXPECT_EQ(without_credentials("https://u:%zz@h?x@y"), "https://h?x@y");
  EXPECT_EQ(without_credentials("https://u:p@q@h"), "https://h");
  EXPECT_EQ(without_credentials("ssh://git:pw@h:22/x.git"), "ssh://git@h:22/x.git");
  for (const char* plain : {"https://h/x@y", "/srv/git/x.git", "git@h:x.git", "ssh://git@h:22/x.git", ""})
    EXPECT_EQ(without_credentials(plain), plain);
}

TEST(Credentials, BelongToOneOrigin) {
  EXPECT_TRUE(same_origin("https://H/a", "https://h/b"));
  EXPECT_FALSE(same_origin("https://h/a", "http://h/a"));
  EXPECT_FALSE(same_origin("https://h/a", "https://h:8443/a"));
  EXPECT_FALSE(same_origin("/srv/a", "/srv/a"));
}

}  // namespace
}  // namespace kiln::model
