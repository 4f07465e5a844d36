#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

IpRanges ranges(const std::vector<std::string>& texts) {
  const Result<IpRanges> parsed = IpRanges::parse(texts);
  EXPECT_TRUE(parsed);
  return parsed.value_or(IpRanges());
}

TEST(IpAddress, IsOneHoweverItIsWritten) {
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1"), IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1")->str(), "192.0.2.1");
  EXPECT_EQ(IpAddress::parse("[2001:DB8:0::1]")->str(), "2001:db8::1");
  for (const char* bad : {"", "unix", "1.2.3", "1.2.3.4:5", "01.2.3.4", "1.2.3.4/8", "[1.2.3.4", "::1%lo"})
    EXPECT_FALSE(IpAddress::parse(bad)) << bad;
}

TEST(IpAddress, GroupsAnIpv6NetworkAndNoIpv4Neighbours) {
  EXPECT_EQ(group_of("2001:db8::1"), group_of("2001:db8::ffff:1"));
  EXPECT_NE(group_of("2001:db8::1"), group_of("2001:db8:0:1::1"));
  EXPECT_NE(group_of("192.0.2.1"), group_of("192.0.2.2"));
  EXPECT_EQ(group_of("::ffff:192.0.2.1"), group_of("192.0.2.1"));
  EXPECT_NE(group_of("unix"), group_of("192.0.2.1"));
}

TEST(IpRanges, ContainWhatTheirPrefixSays) {
  const IpRanges some = ranges({"10.1.0.0/15", "fd00::/8", "192.0.2.7"});
  for (const char* in : {"10.0.0.1", "10.1.255.255", "::ffff:10.1.0.1", "fd12::1", "192.0.2.7"})
    EXPECT_TRUE(some.contain(std::string_view(in))) << in;
  for (const char* out : {"10.2.0.0", "fe00::1", "192.0.2.6", "unix", "::1"})
    EXPECT_FALSE(some.contain(std::string_view(out))) << out;
  for (const char* bad : {"10.0.0.0/33", "::/129", "a/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", ""})
    EXPECT_FALSE(IpRanges::parse({bad})) << bad;
}

}  // namespace
}  // namespace kiln
