#include "scm/git/host_slots.h"

#include <gtest/gtest.h>

#include <thread>

namespace kiln::scm {
namespace {

TEST(HostSlots, WhoCanWaitGetsThePlaceThatIsGivenBack) {
  HostSlots slots({1, 9});
  const std::string url = "https://git.example.com/x";
  std::optional<HostSlots::Slot> first = slots.take(url);
  EXPECT_FALSE(slots.take(url, std::chrono::steady_clock::now() + std::chrono::milliseconds(1)));
  std::thread gives([&] { first.reset(); });
  EXPECT_TRUE(slots.take(url, std::chrono::steady_clock::now() + std::chrono::seconds(20)));
  gives.join();
}

TEST(HostSlots, ASilentHostKeepsItsOwnCallersWaitingAndNoOthers) {
  std::vector<std::string> freed;
  HostSlots slots({2, 9}, [&](const std::string& topic) { freed.push_back(topic); });
  auto first = slots.take("https://git.example.com/a/b.git");
  auto second = slots.take("https://user:secret@GIT.example.com/other.git");
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(slots.take("https://git.example.com/a/b.git"));
  EXPECT_FALSE(slots.take("https://git.example.com:8443/a/b.git")) << "another port, the same machine";
  EXPECT_TRUE(slots.take("git@other.example.com:a/b.git"));
  auto local = slots.take("/srv/git/a.git");
  auto other_local = slots.take("/srv/git/b.git");
  EXPECT_TRUE(local && other_local);
  EXPECT_FALSE(slots.take("/srv/git/c.git")) << "one disk";
  freed.clear();
  second.reset();
  EXPECT_EQ(freed, std::vector<std::string>{HostSlots::topic("https://git.example.com/x")});
  EXPECT_TRUE(slots.take("https://git.example.com/a/b.git"));
}

TEST(HostSlots, ManySilentHostsLeavePlacesForLocalRepositories) {
  std::vector<std::string> freed;
  HostSlots slots({4, 2}, [&](const std::string& topic) { freed.push_back(topic); });
  auto one = slots.take("https://one.example/a");
  const auto two = slots.take("https://[2001:db8::2]:8443/a");
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(slots.take("https://three.example/a"));
  const Error error = slots.refusal("https://three.example/a");
  EXPECT_NE(error.message.find("2 calls of git wait"), error.message.npos) << error.message;
  EXPECT_TRUE(slots.take("/srv/git/a.git"));
  freed.clear();
  one.reset();
  EXPECT_EQ(freed, std::vector<std::string>{HostSlots::topic("https://three.example/a")})
      << "who waits is told";
  EXPECT_TRUE(slots.take("https://three.example/a"));
}

TEST(HostSlots, CallsThatTakeLongLeaveTheirPlacesToOtherHostsAsFarAsThereAreSome) {
  const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::seconds(20); };
  HostSlots slots({2, 2, 2, std::chrono::milliseconds(1)});
  const auto one = slots.take("https://one.example/a");
  const auto again = slots.take("https://one.example/b");
  EXPECT_TRUE(slots.take("https://alive.example/a", soon())) << "both are slow by now";
  const auto two = slots.take("https://two.example/a", soon());
  const auto three = slots.take("https://three.example/a", soon());
  ASSERT_TRUE(one && again && two && three);
  EXPECT_FALSE(slots.take("https://one.example/c", std::chrono::steady_clock::now())) << "its own share";
  EXPECT_FALSE(
      slots.take("https://alive.example/a", std::chrono::steady_clock::now() + std::chrono::milliseconds(20)))
      << "two slow ones and two more";
}

TEST(HostSlots, TheRefusalNamesTheHostAndSaysWhenToAskAgain) {
  HostSlots slots({1, 9});
  const auto held = slots.take("ssh://git@slow.example.com:22/x");
  const Error error = slots.refusal("ssh://git@slow.example.com:22/x");
  EXPECT_EQ(error.code, Errc::unavailable);
  EXPECT_EQ(error.field, "30");
  EXPECT_NE(error.message.find("slow.example.com has not answered 1 calls of git"), error.message.npos)
      << error.message;
}

TEST(HostSlots, HostsAreReadFromEveryKindOfUrl) {
  EXPECT_EQ(host_of("https://u:p@Host.Example:8443/x/y.git"), "host.example:8443");
  EXPECT_EQ(host_of("http://[::1]:80/x"), "[::1]:80");
  EXPECT_EQ(host_of("git@host.example:x/y.git"), "host.example");
  EXPECT_EQ(host_of("git@[fd00:1::1]:x/y.git"), "[fd00:1::1]");
  EXPECT_EQ(host_of("https://host.example?x/y"), "host.example");
  EXPECT_EQ(host_of("/srv/git/x.git"), "");
}

TEST(HostSlots, AnAddressIsOneHostHoweverItIsWritten) {
  HostSlots slots({1, 9});
  const auto held = slots.take("http://127.0.0.1:80/x");
  for (const char* url :
       {"http://127.1/x", "http://2130706433:81/x", "http://0x7f000001/x", "http://[::ffff:127.0.0.1]/x"})
    EXPECT_FALSE(slots.take(url)) << url;
  EXPECT_TRUE(slots.take("git@[fd00:1::1]:x/y")) << "and others are others";
  EXPECT_TRUE(slots.take("git@[fd00:2::2]:x/y"));
}

}  // namespace
}  // namespace kiln::scm
