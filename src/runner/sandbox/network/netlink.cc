#include "runner/sandbox/network/netlink.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <optional>

#include "runner/sandbox/network/netlink_message.h"

namespace kiln::runner {
namespace {

constexpr std::uint32_t kRefusals = 1000;  // tables
constexpr std::uint32_t kToBuild = 1001;
constexpr std::uint16_t kDnsPort = 53;
constexpr int kLoopbackIndex = 1;  // of lo in every namespace
constexpr int kCableIndex = 1000;  // of either end; some kernels give every namespace a few devices
constexpr const char* kBuildEnd = "tap0";
constexpr const char* kRouterEnd = "build0";
constexpr const char* kBuildAddress = "10.0.2.100";  // which slirp4netns gives its own device, too
constexpr const char* kRouterAddress = "10.0.2.1";   // whom refusals come from
constexpr std::uint32_t kMtu = 65520;                // slirp4netns's
// One for both ends: without ARP an end writes its own address into the frames that the other takes.
constexpr std::array<std::uint8_t, 6> kCableMac{0x02, 'k', 'i', 'l', 'n', 1};

std::uint8_t family_of(const Address& address) {
  return address.v6 ? AF_INET6 : AF_INET;
}

std::string address_message(const Address& address, int index, std::uint8_t scope) {
  ifaddrmsg head{};
  head.ifa_family = family_of(address);
  head.ifa_prefixlen = static_cast<std::uint8_t>(address.bytes.size() * 8);
  head.ifa_flags = address.v6 ? IFA_F_NODAD : 0;
  head.ifa_scope = scope;
  head.ifa_index = static_cast<std::uint32_t>(index);
  NetlinkMessage message(RTM_NEWADDR, head);
  message.add(IFA_LOCAL, bytes_of(address));
  message.add(IFA_ADDRESS, bytes_of(address));
  return message.take();
}

std::string refusal_message(const Route& route) {
  rtmsg head{};
  head.rtm_family = family_of(route.to);
  head.rtm_dst_len = static_cast<std::uint8_t>(route.length);
  head.rtm_table = RT_TABLE_UNSPEC;
  head.rtm_protocol = RTPROT_STATIC;
  head.rtm_scope = RT_SCOPE_UNIVERSE;
  head.rtm_type = route.refused ? RTN_PROHIBIT : RTN_THROW;
  NetlinkMessage message(RTM_NEWROUTE, head);
  message.add(RTA_DST, bytes_of(route.to));
  message.add(RTA_TABLE, bytes_of(kRefusals));
  return message.take();
}

// To `to`, or everywhere, through the cable.
std::string cable_route(const std::optional<Address>& to, std::uint32_t table) {
  rtmsg head{};
  head.rtm_family = AF_INET;
  head.rtm_dst_len = to ? 32 : 0;
  head.rtm_table = RT_TABLE_UNSPEC;
  head.rtm_protocol = RTPROT_STATIC;
  head.rtm_scope = RT_SCOPE_LINK;
  head.rtm_type = RTN_UNICAST;
  NetlinkMessage message(RTM_NEWROUTE, head);
  if (to) message.add(RTA_DST, bytes_of(*to));
  message.add(RTA_OIF, bytes_of(kCableIndex));
  message.add(RTA_TABLE, bytes_of(table));
  return message.take();
}

// Which packets a routing rule is about, and when it is asked.
struct Rule {
  std::uint32_t priority = 0;
  std::uint32_t table = 0;  // 0: refuse
  const char* device = nullptr;
  const char* from = nullptr;
  const char* to = nullptr;
  std::uint8_t dns_over = 0;  // protocol, of port 53 alone
};

std::string rule_message(const Rule& rule) {
  fib_rule_hdr head{};
  head.family = AF_INET;
  head.action = rule.table == 0 ? FR_ACT_PROHIBIT : FR_ACT_TO_TBL;
  head.src_len = rule.from == nullptr ? 0 : 32;
  head.dst_len = rule.to == nullptr ? 0 : 32;
  NetlinkMessage message(RTM_NEWRULE, head);
  message.add(FRA_PRIORITY, bytes_of(rule.priority));
  if (rule.table != 0) message.add(FRA_TABLE, bytes_of(rule.table));
  if (rule.device != nullptr) message.add_text(FRA_IIFNAME, rule.device);
  if (rule.from != nullptr) message.add(FRA_SRC, bytes_of(*Address::parse(rule.from)));
  if (rule.to != nullptr) message.add(FRA_DST, bytes_of(*Address::parse(rule.to)));
  if (rule.dns_over != 0) {
    message.add(FRA_IP_PROTO, bytes_of(rule.dns_over));
    message.add(FRA_DPORT_RANGE, bytes_of(fib_rule_port_range{kDnsPort, kDnsPort}));
  }
  return message.take();
}

// The rule of every namespace's first place, which would take for the router what is for the build.
std::string forget_local_first() {
  fib_rule_hdr head{};
  head.family = AF_INET;
  head.action = FR_ACT_TO_TBL;
  head.table = RT_TABLE_LOCAL;
  NetlinkMessage message(RTM_DELRULE, head, 0);
  message.add(FRA_PRIORITY, bytes_of(std::uint32_t{0}));
  return message.take();
}

void add_end(NetlinkAttributes& attributes, const char* name) {
  attributes.add_text(IFLA_IFNAME, name);
  attributes.add(IFLA_ADDRESS, bytes_of(kCableMac));
  attributes.add(IFLA_MTU, bytes_of(kMtu));
}

std::string cable_message(int build) {
  ifinfomsg head{};
  head.ifi_family = AF_UNSPEC;
  head.ifi_index = kCableIndex;
  head.ifi_flags = IFF_NOARP;
  head.ifi_change = IFF_NOARP;
  NetlinkAttributes other_end;
  add_end(other_end, kBuildEnd);
  other_end.add(IFLA_NET_NS_FD, bytes_of(build));
  NetlinkAttributes pair;
  pair.add(VETH_INFO_PEER, std::string(bytes_of(head)) + other_end.bytes());
  NetlinkAttributes kind;
  kind.add_text(IFLA_INFO_KIND, "veth");
  kind.add(IFLA_INFO_DATA, pair.bytes());
  NetlinkMessage message(RTM_NEWLINK, head);
  add_end(message, kRouterEnd);
  message.add(IFLA_LINKINFO, kind.bytes());
  return message.take();
}

std::string cable_up() {
  ifinfomsg head{};
  head.ifi_family = AF_UNSPEC;
  head.ifi_index = kCableIndex;
  head.ifi_flags = IFF_UP;
  head.ifi_change = IFF_UP;
  return NetlinkMessage(RTM_NEWLINK, head, 0).take();
}

void add_refusals(NetlinkMessages& messages, const NetworkPolicy& policy) {
  for (const Route& route : policy.routes) messages.push_back(refusal_message(route));
}

}  // namespace

NetlinkMessages routing_messages(const NetworkPolicy& policy) {
  NetlinkMessages messages;
  for (const Address& held : policy.held_addresses)
    messages.push_back(address_message(held, kLoopbackIndex, RT_SCOPE_HOST));
  if (policy.routes.empty()) return messages;
  add_refusals(messages, policy);
  for (const Rule& rule :
       {Rule{.priority = 100, .table = RT_TABLE_MAIN, .to = kNameServer, .dns_over = IPPROTO_UDP},
        Rule{.priority = 101, .table = RT_TABLE_MAIN, .to = kNameServer, .dns_over = IPPROTO_TCP},
        Rule{.priority = 200, .table = kRefusals}})
    messages.push_back(rule_message(rule));
  return messages;
}

NetlinkMessages router_messages(const NetworkPolicy& policy, int build) {
  NetlinkMessages messages{forget_local_first()};
  add_refusals(messages, policy);
  const Rule of_build{.table = RT_TABLE_MAIN, .device = kRouterEnd, .from = kBuildAddress};
  Rule dns = of_build;
  dns.to = kNameServer;
  dns.priority = 100;
  dns.dns_over = IPPROTO_UDP;
  Rule dns_by_tcp = dns;
  dns_by_tcp.priority = 101;
  dns_by_tcp.dns_over = IPPROTO_TCP;
  Rule asks = of_build;
  asks.priority = 200;
  asks.table = kRefusals;
  Rule passes = of_build;
  passes.priority = 210;
  for (const Rule& rule : {Rule{.priority = 50, .table = kToBuild, .to = kBuildAddress},
                           Rule{.priority = 60, .device = "tap0"},  // of slirp4netns's, and for nobody here
                           dns, dns_by_tcp, asks, passes, Rule{.priority = 220, .device = kRouterEnd},
                           Rule{.priority = 400, .table = RT_TABLE_LOCAL}})
    messages.push_back(rule_message(rule));
  messages.push_back(cable_message(build));
  messages.push_back(cable_up());
  messages.push_back(address_message(*Address::parse(kRouterAddress), kCableIndex, RT_SCOPE_UNIVERSE));
  messages.push_back(cable_route(Address::parse(kBuildAddress), kToBuild));
  return messages;
}

NetlinkMessages cable_messages() {
  return {cable_up(), address_message(*Address::parse(kBuildAddress), kCableIndex, RT_SCOPE_UNIVERSE),
          cable_route(std::nullopt, RT_TABLE_MAIN)};
}

}  // namespace kiln::runner
