#include "runner/sandbox/network/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "runner/sandbox/network/netlink.h"

namespace kiln::runner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Address at(const char* text) {
  return *Address::parse(text);
}

HostFacts host() {
  return {.own_addresses = {at("127.0.0.1"), at("192.0.2.5"), at("10.1.1.1"), at("::1"), at("2001:db8::5")},
          .resolv_conf = "nameserver 127.0.0.53\nsearch example.internal\noptions ndots:2\n",
          .hosts = "127.0.0.1 localhost\n127.0.1.1 machine\n10.1.2.3 registry.internal\n# nothing\n::1 x\n"};
}

ApiEndpoint api(const char* name, std::vector<Address> addresses, std::uint16_t port = 8787) {
  return {name, std::move(addresses), port};
}

// "refused", "passes" or "": what stands in the list about exactly this prefix.
std::string verdict(const NetworkPolicy& policy, const char* address, int length) {
  for (const Route& route : policy.routes) {
    if (route.to == at(address) && route.length == length) return route.refused ? "refused" : "passes";
  }
  return "";
}

TEST(NetworkPolicy, EgressAlwaysRefusesLinkLocalAndTheHostItself) {
  const NetworkPolicy policy = network_policy({}, std::nullopt, host());
  EXPECT_EQ(verdict(policy, "169.254.0.0", 16), "refused");
  EXPECT_EQ(verdict(policy, "10.0.2.0", 24), "refused");
  EXPECT_EQ(verdict(policy, "224.0.0.0", 4), "refused");
  EXPECT_EQ(verdict(policy, "192.0.2.5", 32), "refused");
  EXPECT_EQ(verdict(policy, "10.1.1.1", 32), "refused");
  EXPECT_EQ(verdict(policy, "10.0.0.0", 8), "");
}

TEST(NetworkPolicy, MetadataElsewhereIsRefusedUntilItIsAllowed) {
  const NetworkPolicy policy = network_policy({}, std::nullopt, host());
  EXPECT_EQ(verdict(policy, "168.63.129.16", 32), "refused");
  EXPECT_EQ(verdict(policy, "100.100.100.200", 32), "refused");
  EXPECT_EQ(verdict(policy, "192.0.0.0", 24), "refused");
  const NetworkPolicy opened =
      network_policy({.allow_addresses = {"168.63.129.16", "192.0.0.192"}}, std::nullopt, host());
  EXPECT_EQ(verdict(opened, "168.63.129.16", 32), "passes");
  EXPECT_EQ(verdict(opened, "192.0.0.192", 32), "passes");
  EXPECT_EQ(verdict(opened, "192.0.0.0", 24), "refused");
  // One prefix stands once in a table of the kernel's.
  std::set<std::pair<std::string, int>> seen;
  for (const Route& route : opened.routes)
    EXPECT_TRUE(seen.emplace(route.to.text(), route.length).second) << route.to.text();
}

TEST(NetworkPolicy, PrivateRangesAreRefusedWhenAsked) {
  const NetworkPolicy policy =
      network_policy({.block_private = true, .allow_addresses = {"10.1.2.3", "10.1.1.1", "169.254.169.254"}},
                     std::nullopt, host());
  for (const auto& [address, length] : std::vector<std::pair<const char*, int>>{{"10.0.0.0", 8},
                                                                                {"100.64.0.0", 10},
                                                                                {"172.16.0.0", 12},
                                                                                {"192.168.0.0", 16},
                                                                                {"198.18.0.0", 15}}) {
    EXPECT_EQ(verdict(policy, address, length), "refused") << address;
  }
  EXPECT_EQ(verdict(policy, "10.1.2.3", 32), "passes");
  EXPECT_EQ(verdict(policy, "10.1.1.1", 32), "refused") << "the host's own address cannot be allowed";
  EXPECT_EQ(verdict(policy, "169.254.169.254", 32), "") << "nor can the metadata service";
}

TEST(NetworkPolicy, TheServersPortOnLoopbackIsADoor) {
  for (const model::NetworkMode mode : {model::NetworkMode::egress, model::NetworkMode::none}) {
    const NetworkPolicy policy = network_policy({.mode = mode, .forward_ports = {4873, 8787}},
                                                api("127.0.0.1", {at("127.0.0.1")}), host());
    EXPECT_EQ(policy.doors, (std::vector<Door>{{at("127.0.0.1"), 8787}, {at("127.0.0.1"), 4873}}));
    EXPECT_TRUE(policy.held_addresses.empty());
  }
}

TEST(NetworkPolicy, AServerThatListensEverywhereIsFoundOnLoopback) {
  const NetworkPolicy policy = network_policy({}, api("0.0.0.0", {at("0.0.0.0")}), host());
  EXPECT_EQ(policy.doors, (std::vector<Door>{{at("127.0.0.1"), 8787}}));
}

TEST(NetworkPolicy, TheServersPortOnTheHostsOwnAddressIsADoorToThatPortAlone) {
  const NetworkPolicy policy = network_policy({}, api("kiln.internal", {at("192.0.2.5")}), host());
  EXPECT_EQ(policy.doors, (std::vector<Door>{{at("192.0.2.5"), 8787}}));
  EXPECT_EQ(policy.held_addresses, (std::vector<Address>{at("192.0.2.5")}));
  EXPECT_EQ(verdict(policy, "192.0.2.5", 32), "refused");
  EXPECT_THAT(policy.hosts, HasSubstr("192.0.2.5 kiln.internal\n"));
}

TEST(NetworkPolicy, AServerElsewhereIsReachedByARouteOrWithoutEgressByADoor) {
  const ApiEndpoint elsewhere = api("10.7.7.7", {at("10.7.7.7")});
  const NetworkPolicy egress = network_policy({.block_private = true}, elsewhere, host());
  EXPECT_EQ(verdict(egress, "10.7.7.7", 32), "passes");
  EXPECT_TRUE(egress.doors.empty());
  const NetworkPolicy none = network_policy({.mode = model::NetworkMode::none}, elsewhere, host());
  EXPECT_EQ(none.doors, (std::vector<Door>{{at("10.7.7.7"), 8787}}));
  EXPECT_TRUE(none.routes.empty());
  // Where slirp4netns's own network covers it, and where there is no route for its family.
  EXPECT_EQ(network_policy({}, api("10.0.2.9", {at("10.0.2.9")}), host()).doors.size(), 1U);
  EXPECT_EQ(network_policy({}, api("2001:db8::9", {at("2001:db8::9")}), host()).doors.size(), 1U);
}

TEST(NetworkPolicy, WritesTheFilesOfTheBuild) {
  const NetworkPolicy policy = network_policy({}, std::nullopt, host());
  EXPECT_EQ(policy.resolv_conf, "nameserver 10.0.2.3\nsearch example.internal\noptions ndots:2\n");
  EXPECT_THAT(policy.hosts, HasSubstr("127.0.0.1 localhost"));
  EXPECT_THAT(policy.hosts, HasSubstr("10.1.2.3 registry.internal\n"));
  EXPECT_THAT(policy.hosts, Not(HasSubstr("machine")));
  EXPECT_EQ(network_policy({.mode = model::NetworkMode::none}, std::nullopt, host()).resolv_conf, "");
  EXPECT_EQ(network_policy({.mode = model::NetworkMode::host}, std::nullopt, host()).hosts, host().hosts);
}

TEST(NetworkPolicy, MessagesAreWholeAndAligned) {
  const NetworkPolicy policy =
      network_policy({.block_private = true}, api("kiln.internal", {at("192.0.2.5")}), host());
  std::vector<std::string> messages = routing_messages(policy);
  EXPECT_EQ(messages.size(), policy.routes.size() + 3 + policy.held_addresses.size());
  for (const auto& more : {router_messages(policy, 5), cable_messages()})
    messages.insert(messages.end(), more.begin(), more.end());
  for (const std::string& message : messages) {
    EXPECT_EQ(message.size() % 4, 0U);
    std::uint32_t length = 0;
    std::memcpy(&length, message.data(), sizeof length);
    EXPECT_EQ(length, message.size());
  }
}

TEST(ApiEndpoint, IsReadFromTheUrl) {
  EXPECT_EQ(api_endpoint("http://127.0.0.1:8787/client/v4")->port, 8787);
  EXPECT_EQ(api_endpoint("https://kiln.example.com/client/v4")->port, 443);
  EXPECT_EQ(api_endpoint("https://kiln.example.com/client/v4")->name, "kiln.example.com");
  EXPECT_EQ(api_endpoint("http://[::1]:99/x")->name, "::1");
  EXPECT_EQ(api_endpoint("http://[::1]:99/x")->port, 99);
  for (const char* bad :
       {"", "ftp://a/", "http://", "http://a:b/", "http://a:99999/", "http://a:0/", "http://[::1"})
    EXPECT_FALSE(api_endpoint(bad)) << bad;
}

}  // namespace
}  // namespace kiln::runner
