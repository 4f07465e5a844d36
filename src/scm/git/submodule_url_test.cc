#include "scm/git/submodule_url.h"

#include <gtest/gtest.h>

namespace kiln::scm {
namespace {

constexpr const char* kBase = "https://git.example.com/acme/shop.git";

Result<std::string> seen_from(const std::string& base, const std::string& written) {
  return submodule_url(base, written, {});
}

TEST(SubmoduleUrl, IsTakenAsItIsOrSeenFromTheRepository) {
  EXPECT_EQ(seen_from(kBase, "https://other.example.com/lib").value(), "https://other.example.com/lib");
  EXPECT_EQ(seen_from(kBase, "git@other.example.com:a/lib.git").value(), "git@other.example.com:a/lib.git");
  EXPECT_EQ(seen_from(kBase, "../lib.git").value(), "https://git.example.com/acme/lib.git");
  EXPECT_EQ(seen_from(kBase, "../../other/lib.git").value(), "https://git.example.com/other/lib.git");
  EXPECT_EQ(seen_from(std::string(kBase) + "/", "./lib").value(), std::string(kBase) + "/lib");
  EXPECT_EQ(seen_from("git@h:acme/shop.git", "../lib.git").value(), "git@h:acme/lib.git");
}

TEST(SubmoduleUrl, NeverLeadsToTheRunnersMachineOrIntoAnOption) {
  for (const char* bad : {"", "/srv/git/other.git", "file:///etc", "ext::sh -c id", "--upload-pack=x", "-u",
                          "fd::3", "ssh://-oProxyCommand=x/y", "git@-oProxyCommand=x:y", "http:///x", "x\ny",
                          "lib.git", "../../../lib.git", "../../../../../lib.git"})
    EXPECT_FALSE(seen_from(kBase, bad)) << bad;
  for (const char* bad : {"../lib.git", "./lib.git", "../../../etc"})
    EXPECT_FALSE(seen_from("/srv/git/shop.git", bad)) << bad;
}

TEST(SubmoduleUrl, OfAMachinesRepositoryIsOneThatIsConnectedOrInAnOpenFolder) {
  const std::vector<std::string> open{"/srv/git/lib.git", "/srv/open/"};
  const auto of = [&](const char* written) { return submodule_url("/srv/git/shop.git", written, open); };
  EXPECT_EQ(of("../lib.git").value(), "/srv/git/lib.git");
  EXPECT_EQ(of("../lib").value(), "/srv/git/lib");
  EXPECT_EQ(of("../../open/a/b.git").value(), "/srv/open/a/b.git");
  EXPECT_EQ(of("/srv/git/lib.git").value(), "/srv/git/lib.git");
  EXPECT_EQ(of("https://h/x.git").value(), "https://h/x.git");
  for (const char* bad :
       {"../other.git", "../lib.git.evil", "../lib.git/../other.git", "../../open/../git/other.git",
        "../../openly/x.git", "/etc", "../../../../etc", "file:///srv/git/lib.git"})
    EXPECT_FALSE(of(bad)) << bad;
  const auto refused = of("../other.git");
  EXPECT_NE(refused.error().message.find("is not connected here"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("/srv"), std::string::npos) << "the log does not tell where";
  // A repository of another machine never leads here, whatever is open.
  EXPECT_FALSE(submodule_url(kBase, "/srv/git/lib.git", open));
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
