#include <gtest/gtest.h>

#include "scm/git/git.h"
#include "scm/git/git_command.h"

namespace kiln::scm {
namespace {

TEST(RemoteUrl, AcceptsTheFormsOfRealHosts) {
  for (const char* url :
       {"https://example.com/a/b.git", "http://127.0.0.1:3000/a/b", "ssh://git@example.com:22/a.git",
        "git@example.com:a/b.git", "example.com:a/b.git", "git@[::1]:a.git", "[::1]:a.git",
        "ssh://git@[::1]:2222/a.git", "/srv/git/shop.git", "https://user:pw@example.com/a"}) {
    EXPECT_TRUE(check_remote_url(url)) << url;
  }
}

TEST(RemoteUrl, RefusesWhatCouldRunOrReadSomething) {
  for (const char* url : {"",
                          "-x",
                          "--upload-pack=touch /x",
                          "ext::sh -c id",
                          "fd::1",
                          "file:///etc",
                          "shop.git",
                          "../a",
                          "a@b",
                          "ssh://-oProxyCommand=x/y",
                          "git@-oProxyCommand=x:y",
                          "-a@b:c",
                          "https://",
                          "git://h/p",
                          "https://a/\nb",
                          "x@y::z",
                          "https:/a/b",
                          "host:-x",
                          ":a",
                          "@h:a",
                          "[::1:a"}) {
    const Status status = check_remote_url(url);
    ASSERT_FALSE(status) << url;
    EXPECT_EQ(status.error().field, "url");
  }
}

TEST(Complaints, CarryNoCredentials) {
  EXPECT_EQ(strip_userinfo("fatal: unable to access 'https://u:p@h/x': and ssh://k@i/ no@thing"),
            "fatal: unable to access 'https://h/x': and ssh://i/ no@thing");
  ProcessEnd end;
  end.exit_code = 128;
  end.err =
      "warning: w\nfatal: repository 'https://tok@h/x' not found\nPlease make sure\nand the repository "
      "exists.\n";
  EXPECT_EQ(complaint(end), "fatal: repository 'https://h/x' not found");
  EXPECT_EQ(host_refusal(end), Errc::not_found);
}

TEST(GitProcess, CarriesCredentialsByEnvironmentForTheirHostAlone) {
  const Remote remote{"https://u@example.com:8443/a/b.git", "Basic c2VjcmV0"};
  const ProcessSpec spec = git_spec_at("/m", remote, {}, {"fetch"});
  for (const std::string& word : spec.argv) EXPECT_EQ(word.find("c2VjcmV0"), std::string::npos);
  bool key = false;
  bool value = false;
  bool transports = false;
  for (const std::string& entry : spec.environment) {
    key |= entry.ends_with("=http.https://example.com:8443/.extraHeader");
    value |= entry.ends_with("=Authorization: Basic c2VjcmV0");
    transports |= entry == "GIT_ALLOW_PROTOCOL=https:http:ssh";
  }
  EXPECT_TRUE(key && value && transports);
}

}  // namespace
}  // namespace kiln::scm
