#include "scm/git/submodule_url.h"

#include <gtest/gtest.h>

namespace kiln::scm {
namespace {

constexpr const char* kBase = "https://git.example.com/acme/shop.git";

TEST(SubmoduleUrl, IsTakenAsItIsOrSeenFromTheRepository) {
  EXPECT_EQ(submodule_url(kBase, "https://other.example.com/lib").value(), "https://other.example.com/lib");
  EXPECT_EQ(submodule_url(kBase, "git@other.example.com:a/lib.git").value(),
            "git@other.example.com:a/lib.git");
  EXPECT_EQ(submodule_url(kBase, "../lib.git").value(), "https://git.example.com/acme/lib.git");
  EXPECT_EQ(submodule_url(kBase, "../../other/lib.git").value(), "https://git.example.com/other/lib.git");
  EXPECT_EQ(submodule_url(std::string(kBase) + "/", "./lib").value(), std::string(kBase) + "/lib");
  EXPECT_EQ(submodule_url("git@h:acme/shop.git", "../lib.git").value(), "git@h:acme/lib.git");
}

TEST(SubmoduleUrl, NeverLeadsToTheRunnersMachineOrIntoAnOption) {
  for (const char* bad : {"", "/srv/git/other.git", "file:///etc", "ext::sh -c id", "--upload-pack=x", "-u",
                          "fd::3", "ssh://-oProxyCommand=x/y", "git@-oProxyCommand=x:y", "http:///x", "x\ny",
                          "lib.git", "../../../lib.git", "../../../../../lib.git"})
    EXPECT_FALSE(submodule_url(kBase, bad)) << bad;
  for (const char* bad : {"../lib.git", "./lib.git", "../../../etc"})
    EXPECT_FALSE(submodule_url("/srv/git/shop.git", bad)) << bad;
}

TEST(SubmoduleUrl, CredentialsReachTheSameSchemeHostAndPortAlone) {
  EXPECT_TRUE(is_same_host(kBase, "https://git.example.com/x"));
  EXPECT_TRUE(is_same_host(kBase, "https://GIT.example.com/x"));
  EXPECT_TRUE(is_same_host("https://me:pw@git.example.com/a", "https://git.example.com/x"));
  for (const char* other :
       {"http://git.example.com/x", "https://git.example.com:8443/x", "https://example.com/x",
        "https://git.example.com.evil.net/x", "https://git.example.com@evil.net/x", "ssh://git.example.com/x",
        "git@git.example.com:x", "/git.example.com"})
    EXPECT_FALSE(is_same_host(kBase, other)) << other;
  EXPECT_FALSE(is_same_host("/srv/a", "/srv/b"));
}

}  // namespace
}  // namespace kiln::scm
