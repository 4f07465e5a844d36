#include "scm/git/reach.h"

#include <gtest/gtest.h>

#include "testing/known_names.h"

namespace kiln::scm {
namespace {

class ReachTest : public ::testing::Test {
 protected:
  Result<Pins> judge(const std::string& url, const std::vector<std::string>& allow = {}) {
    const Result<Reach> reach = Reach::make(allow, names_);
    EXPECT_TRUE(reach);
    const Result<RemotePlace> place = place_of(url);
    EXPECT_TRUE(place) << url;
    return reach->judge(*place);
  }

  testing::KnownNames names_;
};

TEST_F(ReachTest, ClosesLoopbackLinkLocalAndMetadataHoweverTheyAreWritten) {
  names_.names = {{"rebound.example", {"127.0.0.1"}}, {"half.example", {"192.0.2.1", "169.254.169.254"}}};
  for (const char* host : {"127.0.0.1",
                           "127.1",
                           "2130706433",
                           "0x7f.1",
                           "0177.0.0.1",
                           "[::1]",
                           "[::ffff:127.0.0.1]",
                           "0.0.0.0",
                           "169.254.169.254",
                           "168.63.129.16",
                           "100.100.100.200",
                           "192.0.0.192",
                           "[fe80::1]",
                           "[fd00:ec2::254]",
                           "[fd20:ce::254]",
                           "[fd00:ec2::23]",
                           "[fd00:c1::a9fe:a9fe]",
                           "[fd00:42::42]",
                           "[64:ff9b::7f00:1]",
                           "[64:ff9b:1::7f00:1]",
                           "[64:ff9b:1:a9fe:a9:fe00:808:808]",
                           "[2001:0:a9fe:a9fe::1]",
                           "[::ffff:0:7f00:1]",
                           "[2002:7f00:1::]",
                           "[::7f00:1]",
                           "[::]",
                           "224.0.0.1",
                           "255.255.255.255",
                           "rebound.example",
                           "half.example"}) {
    for (const char* form : {"http://{}/a", "https://{}:8443/a", "ssh://git@{}/a", "git@{}:a"}) {
      std::string url = form;
      const Result<Pins> way = judge(url.replace(url.find("{}"), 2, host));
      ASSERT_FALSE(way) << url;
      EXPECT_EQ(way.error().code, Errc::forbidden) << url;
      EXPECT_NE(way.error().message.find("allow = ["), std::string::npos);
    }
  }
}

TEST_F(ReachTest, LeavesPrivateNetworksAndTheInternetOpenAndHoldsGitToWhatItJudged) {
  names_.names = {{"git.example", {"10.1.2.3", "2001:db8::7"}}};
  EXPECT_EQ(judge("https://Git.Example/a")->curl, "git.example:443:10.1.2.3,[2001:db8::7]");
  EXPECT_EQ(judge("http://user@git.example:3000/a")->curl, "git.example:3000:10.1.2.3,[2001:db8::7]");
  const std::vector<std::string> ssh = {"-oHostName=10.1.2.3", "-oHostKeyAlias=[git.example]:2222"};
  EXPECT_EQ(judge("ssh://git@git.example:2222/a")->ssh, ssh);
  EXPECT_EQ(judge("git@git.example:a")->ssh.back(), "-oHostKeyAlias=git.example");
  EXPECT_TRUE(judge("http://192.0.2.1/a")->curl.empty());
  EXPECT_TRUE(judge("/srv/git/a.git"));
  EXPECT_EQ(judge("https://nowhere.example/a").error().code, Errc::unavailable);
}

TEST_F(ReachTest, OpensWhatTheSettingsSay) {
  names_.names = {{"localhost", {"127.0.0.1", "::1"}}};
  EXPECT_TRUE(judge("http://127.0.0.1:3000/a", {"127.0.0.1"}));
  EXPECT_TRUE(judge("http://[::ffff:127.0.0.1]/a", {"127.0.0.0/8"}));
  EXPECT_FALSE(judge("http://127.0.0.2/a", {"127.0.0.1"}));
  EXPECT_FALSE(judge("http://localhost/a", {"127.0.0.0/8"})) << "one of its addresses is not opened";
  EXPECT_TRUE(judge("http://localhost/a", {"localhost"}));
  for (const char* entry : {"", "10.0.0.0/40", "http://x", "a b", "1.2.3"}) {
    EXPECT_FALSE(Reach::make({entry}, names_)) << entry;
  }
}

TEST(RemotePlace, RefusesHostsThatTwoProgramsCouldReadInTwoWays) {
  for (const char* url :
       {"http://%31.example/a", "http://a.example./x", "http://ä.example/x", "http://[::1/x",
        "http://[::1%25lo]/x", "http://a:b/x", "http://a:999999/x", "http://a\\@b/x"}) {
    EXPECT_FALSE(place_of(url)) << url;
  }
  EXPECT_EQ(place_of("http://u:p@a.example:81/x@y")->host, "a.example");
  EXPECT_EQ(place_of("git@[2001:db8::1]:x")->host, "2001:db8::1");
}

}  // namespace
}  // namespace kiln::scm
